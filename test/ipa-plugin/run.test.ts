import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { program } from "./decide.js";

const folder = mkdtempSync(join(tmpdir(), "ipa-plugin-"));
const checkout = join(packageRoot, "test/ipa-plugin/checkout");

/** Runs a program of the checkout under `python -m sustainable_ipa`, as a user of IPA does. */
function run(settings: object, args: readonly string[], script = join(checkout, "runner/run.py")) {
	const config = join(folder, "ipa.json");
	writeFileSync(config, JSON.stringify({ sustainable_ipa: { command: program, ...settings } }));
	const { status, stdout, stderr } = spawnSync(
		process.env.IPA_PYTHON ?? "python3",
		["-m", "sustainable_ipa", config, script, ...args],
		{
			encoding: "utf8",
			env: { ...process.env, PYTHONPATH: join(packageRoot, "ipa-plugin"), PYTHONDONTWRITEBYTECODE: "1" },
		},
	);
	const lines = stdout.split("\n").filter((line) => line !== "");
	return { status, stderr, answers: lines.map((line) => JSON.parse(line)) };
}

/*
 * By hand: at 20 requests/s two replicas of light (10 requests/s, 1 core) are 2 cores, four of heavy (5 requests/s, 2
 * cores) are 8. With alpha 10: 5 - 2 = 3 and 9 - 8 = 1; with alpha 20: 10 - 2 = 8 and 18 - 8 = 10.
 */
const light = { task_0_variant: "light", task_0_cpu: 1, task_0_gpu: 0, task_0_batch: 1, task_0_replicas: 2 };
const heavy = { task_0_variant: "heavy", task_0_cpu: 2, task_0_gpu: 0, task_0_batch: 1, task_0_replicas: 4 };

describe("python -m sustainable_ipa CONFIG SCRIPT, on a checkout with IPA's interface", () => {
	test("decides as worked out by hand, and gives IPA's columns in IPA's order", () => {
		const [[ours], [dear]] = [run({}, ["exact", "10", "20"]).answers, run({}, ["exact", "20", "20"]).answers];
		const objectives = { accuracy_objective: 5, resource_objective: 2, batch_objective: 0, objective: 3 };
		expect(ours).toEqual([{ ...light, ...objectives }]);
		expect(Object.keys(ours[0])).toEqual(Object.keys({ ...light, ...objectives }));
		expect(dear).toEqual([
			{ ...heavy, accuracy_objective: 18, resource_objective: 8, batch_objective: 0, objective: 10 },
		]);
	});

	test("configurations that tie are all given, as IPA's methods do", () => {
		// Alpha 15: 7.5 - 2 and 13.5 - 8.
		const [tied] = run({}, ["exact", "15", "20"]).answers;
		expect(tied).toHaveLength(2);
		expect(tied).toEqual(expect.arrayContaining([expect.objectContaining(light), expect.objectContaining(heavy)]));
		for (const { objective } of tied) expect(objective).toBeCloseTo(5.5, 12);
	});

	test("IPA's other methods are IPA's", () => {
		expect(run({}, ["gurobi", "1", "20"])).toMatchObject({ status: 0, answers: ["IPA's own gurobi"] });
	});

	test("energy counts where the configuration says: joules by hand", () => {
		const cell = (variant: string, cores: number, energy_j_per_batch: number) => ({
			...{ task: "crop", variant, cores, batch: 1, energy_j_per_batch },
			...{ idle_power_w: 0, kind: "measured" },
		});
		const settings = { delta: 1, energy_profiles: [cell("light", 1, 2), cell("heavy", 2, 6)] };
		// 20 x accuracy - cores - J: light 10 - 2 - 2 = 6, heavy 18 - 8 - 6 = 4.
		expect(run(settings, ["exact", "20", "20"]).answers).toEqual([
			[
				expect.objectContaining({
					...light,
					objective: 6,
					energy_j_per_request: 2,
					power_w: 40,
					energy_kind: "measured",
				}),
			],
		]);
		const bounded = { ...settings, delta: 0, bounds: { max_power_w: 50 } };
		expect(run(bounded, ["exact", "20", "20"]).answers).toEqual([[expect.objectContaining(light)]]);
		const half = { delta: 1, energy_profiles: [cell("light", 1, 2)] };
		const refused = run(half, ["exact", "20", "20"]);
		expect(refused.stderr).toMatch(
			/RejectedRequest: .*has none for heavy on 2 cores, batch 1 \(it is never taken as 0\)/,
		);
	});

	test("without requests there is no energy per request: decided without delta, said so, and never bounded", () => {
		const energy_profiles = ["light", "heavy"].map((variant, v) => ({
			...{ task: "crop", variant, cores: v + 1, batch: 1, energy_j_per_batch: 2, idle_power_w: 0, kind: "measured" },
		}));
		// One replica each: 10 x 0.5 - 1 = 4 and 10 x 0.9 - 2 = 7. IPA's predictors may say less than 0.
		const { answers, stderr } = run({ delta: 100, energy_profiles }, ["exact", "10", "0", "-0.5"]);
		const idle = [
			{ ...heavy, task_0_replicas: 1, accuracy_objective: 9, resource_objective: 2, batch_objective: 0, objective: 7 },
		];
		expect(answers).toEqual([idle, idle]);
		expect(stderr).toContain("at a load of -0.5, so no energy per request: decided without delta");
		const bounded = run({ bounds: { max_power_w: 5 }, energy_profiles }, ["exact", "10", "0"]);
		expect(bounded.stderr).toMatch(/RejectedRequest: .*needs an arrival rate above 0/);
	});

	test("a load that nothing carries is an exception, or IPA's empty table where the configuration says", () => {
		const stopped = run({}, ["exact", "10", "20", "41"]);
		expect(stopped.status).toBe(1);
		expect(stopped.answers).toHaveLength(1);
		expect(stopped.stderr).toMatch(/Infeasible: stage crop: 4 replicas carry at most 40 of 41 requests\/s/);
		const { status, answers, stderr } = run({ infeasible: "empty" }, ["exact", "10", "41", "20"]);
		expect({ status, answers }).toEqual({ status: 0, answers: [[], [expect.objectContaining(light)]] });
		expect(stderr).toContain("no configuration: stage crop");
	});

	test("a setting that is wrong, and a script outside of a checkout, stop before IPA starts", () => {
		const wrong = run({ delta: -1 }, ["exact", "10", "20"]);
		expect(wrong).toMatchObject({ status: 1, answers: [] });
		expect(wrong.stderr).toContain("sustainable_ipa.delta must be a number of 0 or more");
		// Energy that is weighed and given nowhere is known before the first decision.
		for (const [settings, named] of [
			[{ delta: 1 }, "delta under sustainable_ipa weighs energy, and no cell has one"],
			[{ prices: { eur_per_kwh: 1, eur_per_core_hour: 1 } }, "prices under sustainable_ipa"],
			[{ bounds: { max_power_w: 5 } }, "bounds.max_power_w under sustainable_ipa"],
		] as const) {
			const none = run(settings, ["exact", "10", "20"]);
			expect(none).toMatchObject({ status: 1, answers: [] });
			expect(none.stderr).toContain(named);
		}
		expect(run({}, [], join(folder, "run.py"))).toMatchObject({ status: 2, answers: [] });
	});
});
