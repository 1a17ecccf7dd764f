import { mkdtempSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { askIpa } from "../../src/ipa/askIpa.js";
import { compareWithIpa } from "../../src/ipa/compareIpa.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { oracle, specOf } from "../pipeline/oracle.js";
import { pipelines } from "../search/pipelines.js";
import { expectWithinGap } from "./withinGap.js";

const spec = specOf(oracle[0] as (typeof oracle)[number]);
const python = process.env.IPA_PYTHON ?? "python3";

/** A folder with IPA's layout whose optimiser is ours to write: what IPA may do to the program that drives it. */
async function checkout(models: string, optimizer = ""): Promise<string> {
	const home = mkdtempSync(join(tmpdir(), "ipa-home-"));
	await mkdir(join(home, "optimizer"));
	writeFileSync(join(home, "optimizer", "models.py"), models);
	writeFileSync(join(home, "optimizer", "optimizer.py"), optimizer);
	return home;
}

describe("what may go wrong with IPA's program", () => {
	test("no checkout, and no such Python", async () => {
		expect(await askIpa(spec, { ipaHome: "/nowhere" })).toEqual({
			status: "unavailable",
			reason: "/nowhere is not a checkout of IPA: it has no optimizer/models.py",
		});
		const home = await checkout("");
		expect(await askIpa(spec, { ipaHome: home, python: "python-that-is-not-there" })).toEqual({
			status: "unavailable",
			reason: "there is no program python-that-is-not-there",
		});
	});

	test("an error of IPA's is passed on with its message", async () => {
		const answer = await askIpa(spec, { ipaHome: await checkout("raise ValueError('the models are broken')") });
		expect(answer.status).toBe("failed");
		expect(answer).toHaveProperty("reason", expect.stringContaining("ValueError: the models are broken"));
	});

	test("a program that does not end is stopped at the time limit", async () => {
		const answer = await askIpa(spec, { ipaHome: await checkout("import time\ntime.sleep(60)"), timeout_s: 0.5 });
		expect(answer).toEqual({ status: "timed-out", reason: "IPA's program was stopped after 0.5 s" });
	});

	test("an answer in another form is an error that names the line", async () => {
		const home = await checkout("import sys\nsys.__stdout__.write('hello\\n')\nsys.__stdout__.flush()\nsys.exit(0)");
		await expect(askIpa(spec, { ipaHome: home })).rejects.toThrow(InputError);
		await expect(askIpa(spec, { ipaHome: home })).rejects.toThrow(/IPA's program:1: must answer.*"hello"/);
	});

	test("a program that ends early without an error has failed", async () => {
		const answer = await askIpa(spec, { ipaHome: await checkout("import sys\nsys.exit(0)") });
		expect(answer).toEqual({ status: "failed", reason: "IPA's program ended before it had answered" });
	});
});

describe.runIf(process.env.IPA_HOME !== undefined)("against IPA's own program", () => {
	const ipaHome = process.env.IPA_HOME as string;
	const shapes = pipelines({ stages: 3, variants: 3, batches: [1, 2, 4], cap: 2 });
	const random = fc.sample(shapes, { numRuns: Number(process.env.IPA_RUNS ?? 40), seed: 2023 });

	/** As IPA needs it: every variant on the same allocations (here 1 and 3 cores), variants named apart by stage. */
	const complete = (given: PipelineSpec, i: number): PipelineSpec => ({
		...given,
		only_measured_profiles: i % 2 === 0,
		stages: given.stages.map((stage) => ({
			...stage,
			initial_variant: `${stage.name}-v0`,
			initial_cores: 1,
			points: [1, 3].flatMap((cores) =>
				stage.points.map((point) => {
					const latency_s = point.latency_s / cores ** 0.8;
					return {
						...point,
						variant: `${stage.name}-${point.variant}`,
						cores,
						latency_s,
						throughput_rps: point.batch / latency_s,
					};
				}),
			),
		})),
	});

	test("every metric of every configuration of random pipelines to 1e-9, the feasible ones and the best objective", {
		timeout: 600_000,
	}, async () => {
		for (const [i, given] of random.entries()) {
			const outcome = await compareWithIpa(complete(given, i), { ipaHome, python, feasible: true });
			if (outcome.status !== "compared") throw new Error(outcome.reason);
			const { differences, rows, feasible, sla_s } = outcome.comparison;
			expect(differences.states).toBe(rows);
			expect(differences.unknown).toEqual([]);
			for (const largest of Object.values(differences.largest)) expect(largest).toBeLessThan(1e-9);
			expect(feasible?.ours).toBe(feasible?.ipa);
			if (feasible?.best.ipa !== undefined) expect(feasible.best.ours).toBeCloseTo(feasible.best.ipa, 9);
			expect(sla_s.ours).toBeCloseTo(sla_s.ipa, 9);
		}
	});

	test("IPA's Gurobi path agrees with the exact optimum under a slack SLA, and misses a tight one that it has loosened", {
		timeout: 600_000,
	}, async ({ skip }) => {
		const video = { ...(await readPipeline()), scaling_cap: 2 };
		const asked = async (changed: Partial<PipelineSpec>) => {
			const outcome = await compareWithIpa(
				{ ...video, ...changed },
				{ ipaHome, python, enumerate: false, gurobi: true },
			);
			if (outcome.status !== "compared") throw new Error(outcome.reason);
			return outcome.comparison.gurobi;
		};
		// Within the SLA the best costs a core more: IPA's objective is above what can be had, whichever of the solutions
		// within its gap Gurobi returns.
		const tight = await asked({ arrival_rate_rps: 8, sla_factor: 0.3 * video.sla_factor });
		if (tight?.status === "unavailable") return skip(tight.reason);
		if (tight?.status !== "answered") throw new Error(tight?.reason);
		// Two stages of five variants and seven batches: 2 x 5 x 6 / 8 requests a second.
		expect(tight.loosened_s).toBeCloseTo(7.5, 9);
		expect(tight.objective.ipa).toBeGreaterThan((tight.objective.published as number) + 0.9);
		expect(tight.over_sla_s).toBeGreaterThan(0);
		const slack = await asked({ arrival_rate_rps: 20 });
		if (slack?.status !== "answered") throw new Error(slack?.reason);
		expect(slack.loosened_s).toBeCloseTo(3, 9);
		expectWithinGap(slack.objective);
	});
});
