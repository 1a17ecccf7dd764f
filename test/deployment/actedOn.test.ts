import { describe, expect, test } from "vitest";
import { actedOn } from "../../src/deployment/actedOn.js";
import { type AlignedRun, alignRun, type Decision, type DeployedRun } from "../../src/deployment/deployedRun.js";
import { serving, simulate, wandering } from "./simulated.js";

const light = serving("n+18", "1+1");
const wide = serving("n+18", "3+3");
const heavy = serving("s+101", "1+1");
const middle = serving("s+18", "2+2");

const options = { seed: 1, resamples: 400, level: 0.95, drift_sd_w: 0.3 };
const aligned = (runs: readonly DeployedRun[]) =>
	runs.map((run) => alignRun(run)).filter((run): run is AlignedRun => "alignment" in run);

const low = wandering(3, 6, 600, 2);
const varied = wandering(3, 20, 600, 3);
const always = (chosen: typeof light): Decision[] => [{ t_s: 0, serving: chosen }];
const switching: Decision[] = Array.from({ length: 60 }, (_, k) => ({
	t_s: 10 * k,
	serving: k % 12 < 6 ? wide : serving("s+18", "4+4"),
}));

/** Runs whose decisions are what they were started with: they tell level and W per busy core. */
const plain = [
	simulate({ run: "p1", load_rps: low, started: light, decisions: always(light), seed: 21, drift_w: 0.2 }),
	simulate({ run: "p2", load_rps: low, started: heavy, decisions: always(heavy), seed: 22, drift_w: -0.3 }),
	simulate({ run: "p3", load_rps: varied, started: wide, decisions: always(wide), seed: 23, drift_w: 0.1 }),
];

const outcomeOf = (run: DeployedRun, others: readonly DeployedRun[] = plain) =>
	actedOn(aligned([...others, run]), options).find((row) => row.run === run.run)?.outcome;

describe("decisions that move the power are told from decisions that do not:", () => {
	const cases = [
		["other variants under a steady low load", { load_rps: low, started: light, decisions: always(middle) }],
		["more replicas under a load that one cannot carry", { load_rps: varied, started: light, decisions: always(wide) }],
		["a change every minute", { load_rps: varied, started: wide, decisions: switching }],
	] as const;
	test.each(cases)("%s", (_, given) => {
		for (const seed of [31, 32, 33]) {
			const drift_w = 0.3 * (seed - 32);
			expect(outcomeOf(simulate({ ...given, run: "r", seed, drift_w, acted: true }))?.status).toBe("acted on");
			expect(outcomeOf(simulate({ ...given, run: "r", seed, drift_w, acted: false }))?.status).toBe("not acted on");
		}
	});

	test("from one run alone, where its decisions do not follow its load", () => {
		const given = { run: "r", load_rps: varied, started: wide, decisions: switching, seed: 41 };
		expect(outcomeOf(simulate({ ...given, acted: true }), [])?.status).toBe("acted on");
		expect(outcomeOf(simulate({ ...given, acted: false }), [])?.status).toBe("not acted on");
	});
});

describe("undetermined, with the reason:", () => {
	test("what was decided is what was started", () => {
		const [run] = plain;
		const outcome = run === undefined ? undefined : outcomeOf(run, plain.slice(1));
		expect(outcome).toMatchObject({ status: "undetermined" });
		expect(outcome?.reason).toContain("cannot tell them apart");
	});

	test("a constant decision under a constant load, with nothing to know W from", () => {
		const steady = wandering(5, 5, 600, 2).map(() => 5);
		const outcome = outcomeOf(
			simulate({ run: "r", load_rps: steady, started: light, decisions: always(middle), seed: 5, acted: true }),
			[],
		);
		expect(outcome).toMatchObject({ status: "undetermined" });
	});

	test("a difference within the drift between runs", () => {
		const near = { ...light, label: "near", busy_core_s_per_request: light.busy_core_s_per_request + 0.006 };
		for (const acted of [true, false]) {
			const outcome = outcomeOf(
				simulate({ run: "r", load_rps: low, started: light, decisions: always(near), seed: 6, acted, drift_w: 0.1 }),
			);
			expect(outcome?.status).toBe("undetermined");
		}
	});

	test("half of the decided change is in the power", () => {
		const half = {
			...middle,
			busy_core_s_per_request: (light.busy_core_s_per_request + middle.busy_core_s_per_request) / 2,
		};
		const run = simulate({ run: "r", load_rps: low, started: light, decisions: always(half), seed: 7, acted: true });
		const outcome = outcomeOf({ ...run, decisions: always(middle) });
		expect(outcome?.status).toBe("undetermined");
		expect(outcome?.share).toBeGreaterThan(0.35);
		expect(outcome?.share).toBeLessThan(0.65);
	});
});

test("the trap: power that follows the load correlates with the decided cores, and was still not theirs", () => {
	// More replicas when the load rises: cores that never existed follow the load, as the power does.
	const decisions = Array.from({ length: 60 }, (_, k): Decision => {
		const rate = varied.slice(10 * k, 10 * k + 10).reduce((sum, each) => sum + each / 10, 0);
		const n = Math.max(1, Math.ceil(rate / 6));
		return { t_s: 10 * k, serving: serving("s+101", `${n}+${n}`) };
	});
	const run = simulate({ run: "r", load_rps: varied, started: wide, decisions, seed: 8, acted: false });
	expect(outcomeOf(run)?.status).toBe("not acted on");
});
