import { describe, expect, test } from "vitest";
import { chosen, drawScenarios } from "../../src/calibration/belief.js";
import { benchmark, cellsNeeded, cellsTried } from "../../src/calibration/benchmark.js";
import {
	calibrationDefaults,
	nextCells,
	startCalibration,
	withMeasurement,
} from "../../src/calibration/calibration.js";
import type { CalibrationCell } from "../../src/calibration/cells.js";
import { measuredMachines, pricesOf, regretOf, replay } from "../../src/calibration/replay.js";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { seeded } from "../../src/random.js";

/** Three variants on two runtimes at four batches, times by a law; powers are the test's. */
function madeUp(power: (variant: number, fast: boolean, batch: number) => number) {
	const cells: CalibrationCell[] = [];
	const power_w: number[] = [];
	for (const variant of [0, 1, 2])
		for (const fast of [false, true])
			for (const batch of [1, 2, 4, 8, 16, 32]) {
				const latency_s = (0.02 * (variant + 1) * batch ** 0.9) / (fast ? 1.5 : 1);
				const knobs = { runtime: fast ? "fast" : "slow" };
				const accuracy_pct = 60 + 10 * variant;
				const id = `${variant} ${fast} ${batch}`;
				cells.push({
					id,
					variant: `v${variant}`,
					allocation: 4,
					batch,
					knobs,
					latency_s,
					throughput_rps: batch / latency_s,
					accuracy_pct,
				});
				power_w.push(power(variant, fast, batch));
			}
	return { cells, power_w };
}

const smooth = madeUp((variant, fast, batch) => 8 * (1 + 0.2 * variant) * (fast ? 1.7 : 1) * batch ** 0.3);
const chance = seeded(11);
/** Powers that follow from nothing: every cell a surprise of up to a factor of e either way. */
const lawless = madeUp(() => 10 * Math.exp(2 * (chance() - 0.5)));

const settings = calibrationDefaults;

describe("cells needed, by hand", () => {
	const steps = [
		{ k: 1, regrets: [0, 0, 0.2, 0] },
		{ k: 2, regrets: [0, 0, 0, 0.02] },
		{ k: 3, regrets: [0, 0.01, 0, 0] },
		{ k: 4, regrets: [0, 0.011, 0, 0] },
		{ k: 5, regrets: [0, 0.01, 0.01, 0] },
	];
	test.each([
		[steps, 1, 5],
		// 1 % is within 1 %, and what was right before a step that is wrong does not count.
		[steps.slice(0, 3), 1, 3],
		[steps, 0.75, 1],
		[steps.slice(0, 4), 1, "not-reached"],
	])("%#", (of, share, needed) => {
		expect(cellsNeeded(of, share)).toBe(needed);
	});

	test("cells tried: 60 % of few, 45 of many", () => {
		expect([34, 54, 60, 285].map(cellsTried)).toEqual([20, 32, 45, 45]);
	});
});

describe("scenarios", () => {
	test("choose among what keeps their bounds, at least two cells, and the same seed draws the same", () => {
		const draw = () => drawScenarios(smooth.cells, seeded(1), { price_j_per_core_s: 2, weight_j_per_pct: 0.1 });
		const scenarios = draw();
		expect(scenarios).toHaveLength(80);
		expect(Math.min(...scenarios.map(({ cells }) => cells.length))).toBeGreaterThanOrEqual(2);
		expect(draw()).toEqual(scenarios);
	});

	test("regret is what the choice costs beyond the best, penalties included, as a share of the best's energy", () => {
		// Truly 10 + 0, 6 + 5, 8 + 1 J: the third is best; by the guess the second is.
		const scenario = { cells: Int32Array.of(0, 1, 2), penalties_j: Float64Array.of(0, 5, 1) };
		expect(chosen(scenario, [10, 6, 8])).toBe(2);
		expect(regretOf(scenario, [10, 3, 8], [10, 6, 8])).toBeCloseTo((11 - 9) / 8, 12);
		expect(regretOf(scenario, [10, 6, 8], [10, 6, 8])).toBe(0);
	});
});

describe("a machine whose power follows from its cells", () => {
	const result = benchmark(smooth, {
		method: "knowledge-gradient",
		seeds: 3,
		atMost: 24,
	});

	test("is known from a fifth of the cells, and the calibration stops", () => {
		expect(result.cells_needed_95.median).toBeLessThanOrEqual(8);
		expect(result.stop.stopped).toBe(3);
		expect(result.stop.share_over_1pct).toBeLessThan(0.02);
	});
});

describe("a machine whose power follows from nothing", () => {
	const steps = replay(lawless, { seed: 2, atMost: 18, settings });

	test("is not predicted, is said to be in doubt, and the calibration does not stop with half of the cells measured", () => {
		expect(steps.at(-1)?.sure).toBe(false);
		expect(steps.at(-1)?.error).toBeGreaterThan(0.25);
		expect(steps[11]?.doubt).toBeGreaterThan(0.05);
		expect(
			benchmark(lawless, { method: "knowledge-gradient", seeds: 1, atMost: 12 }).stop.undecided?.doubt,
		).toBeGreaterThan(0.05);
	});

	test("and its intervals are as wide as its powers", () => {
		expect(steps[11]?.half_width).toBeGreaterThan(0.4);
		expect(steps[11]?.coverage).toBeGreaterThan(0.7);
	});
});

test("one odd cell that is best is feared: the stop waits for it", () => {
	const odd = {
		...smooth,
		power_w: smooth.power_w.map((power, i) => (smooth.cells[i]?.id === "1 true 8" ? power * 0.6 : power)),
	};
	const steps = replay(odd, { seed: 1, atMost: 30, settings });
	const stop = steps.find(({ sure }) => sure);
	expect(stop === undefined || [...stop.regrets].filter((regret) => regret > 0.01).length / 80 <= 0.05).toBe(true);
});

describe("a batch of cells for several nodes", () => {
	const random = seeded(8);
	let calibration = startCalibration(
		smooth.cells,
		drawScenarios(smooth.cells, seeded(1), pricesOf(smooth.cells, smooth.power_w)),
		random,
	);
	for (const cell of [0, 20])
		calibration = withMeasurement(
			calibration,
			{ cell, power_w: smooth.power_w[cell] as number, relative_se: 0 },
			random,
		);

	test("holds different cells, none measured", () => {
		const batch = nextCells(calibration, random, 4);
		expect(new Set(batch).size).toBe(4);
		expect(batch).not.toContain(0);
	});
});

test("where the doubt is noise, a cell is measured again", () => {
	// Two cells alone, a few percent apart, each known to a tenth: nothing else can be learnt.
	const cells = smooth.cells.slice(0, 2).map((cell) => ({ ...cell, latency_s: 0.02, throughput_rps: 50 }));
	const random = seeded(1);
	const scenarios = [{ cells: Int32Array.of(0, 1), penalties_j: Float64Array.of(0, 0) }];
	let calibration = startCalibration(cells, scenarios, random);
	calibration = withMeasurement(calibration, { cell: 0, power_w: 10, relative_se: 0.1 }, random);
	calibration = withMeasurement(calibration, { cell: 1, power_w: 10.3, relative_se: 0.1 }, random);
	expect(calibration.doubt).toBeGreaterThan(0.2);
	expect(nextCells(calibration, random)).toHaveLength(1);
	calibration = withMeasurement(calibration, { cell: 0, power_w: 10, relative_se: 0.001 }, random);
	calibration = withMeasurement(calibration, { cell: 1, power_w: 10.3, relative_se: 0.001 }, random);
	expect(calibration.doubt).toBeLessThan(0.01);
});

describe("EdgeTune's factorial, measured", async () => {
	const machines = measuredMachines(await readEvidence("data/raw/edgetune"), "clean");

	test("has two machines of 54 and 34 cells without a flag", () => {
		expect(machines.map(({ cells }) => cells.length)).toEqual([54, 34]);
	});

	test("its server's choices are known from 14 cells, before random order knows them", () => {
		const [server] = machines as [(typeof machines)[0]];
		const ours = benchmark(server, { method: "knowledge-gradient", seeds: 3, atMost: 32 });
		const random = benchmark(server, { method: "random", seeds: 3, atMost: 32 });
		const rank = (needed: number | "not-reached") => (needed === "not-reached" ? Number.POSITIVE_INFINITY : needed);
		expect(rank(ours.cells_needed_95.median)).toBeLessThanOrEqual(14);
		expect(rank(random.cells_needed_95.median)).toBeGreaterThan(rank(ours.cells_needed_95.median));
	});
});
