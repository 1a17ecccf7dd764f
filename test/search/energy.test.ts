import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { pipelineOptions, pricedWeights } from "../../src/pipeline/options.js";
import type { ProfilePoint } from "../../src/pipeline/profile.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { choiceUnderUncertainty } from "../../src/search/choiceUnderUncertainty.js";
import { energyFront, energySaved, tradeOff } from "../../src/search/energyFront.js";
import { optimize } from "../../src/search/optimum.js";
import { everyConfiguration } from "../pipeline/every.js";
import { handPipeline } from "../pipeline/handPipeline.js";
import { pipelines } from "./pipelines.js";

const random = pipelines({ stages: 2, variants: 3, batches: [1, 4], cap: 4, energy: true });
const withDelta = (spec: PipelineSpec, delta: number): PipelineSpec => ({
	...spec,
	weights: { ...spec.weights, delta },
});

/** The front by brute force: feasible configurations that no other beats in energy and objective without energy. */
function bruteFront(spec: PipelineSpec): [energy_j: number, objective: number][] {
	const all = [...everyConfiguration(pipelineOptions(withDelta(spec, 0)))].flatMap((own) =>
		own.feasible && own.energy.status === "available"
			? [[own.energy.energy_j_per_request, own.objective] as [number, number]]
			: [],
	);
	const beaten = ([e, f]: readonly number[], [oe, of]: readonly number[]) =>
		(oe as number) <= (e as number) * (1 - 1e-9)
			? (of as number) >= (f as number) - 1e-12 * Math.max(1, Math.abs(f as number))
			: (oe as number) <= (e as number) * (1 + 1e-9) && (of as number) > (f as number) + 1e-12;
	return all.filter((own) => !all.some((other) => beaten(own, other))).sort((a, b) => b[0] - a[0]);
}

test("the front of energy and objective is that of every configuration", () => {
	let points = 0;
	fc.assert(
		fc.property(random, (spec) => {
			const expected = bruteFront(spec);
			const found = energyFront(spec);
			if (found.status === "infeasible") {
				expect(expected).toEqual([]);
				return;
			}
			// One point of every energy: ties of both are on the front once.
			const distinct = expected.filter(
				([energy], i) => i === 0 || energy < (expected[i - 1] as [number, number])[0] * (1 - 1e-9),
			);
			expect(found.points.map((own) => own.objective_without_energy)).toHaveLength(distinct.length);
			found.points.forEach((own, i) => {
				const [energy, objective] = distinct[i] as [number, number];
				expect(own.energy_j_per_request).toBeCloseTo(energy, 7);
				expect(own.objective_without_energy).toBeCloseTo(objective, 9);
			});
			points += found.points.length;
		}),
		{ numRuns: 200 },
	);
	expect(points).toBeGreaterThan(300);
});

test("between its two deltas a point of the path is optimal, and at delta 0 the first is the optimum without energy", () => {
	let checked = 0;
	fc.assert(
		fc.property(random, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (spec, share) => {
			const front = energyFront(spec);
			if (front.status === "infeasible") return;
			const { points } = tradeOff(front.points);
			const plain = optimize(withDelta(spec, 0));
			if (plain.status !== "optimal") throw new Error(plain.detail);
			expect(points[0]?.objective_without_energy).toBeCloseTo(plain.configuration.objective, 9);
			for (const point of points) {
				const upTo = Number.isFinite(point.delta_to) ? point.delta_to : point.delta_from * 2 + 1;
				const delta = point.delta_from + share * (upTo - point.delta_from);
				const best = optimize(withDelta(spec, delta));
				if (best.status !== "optimal") throw new Error(best.detail);
				const own = point.objective_without_energy - delta * point.energy_j_per_request;
				expect(Math.abs(own - best.configuration.objective)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(own)));
				checked++;
			}
		}),
		{ numRuns: 200 },
	);
	expect(checked).toBeGreaterThan(200);
});

/** One stage, one replica of each option, the objective the accuracy alone: a front that can be worked by hand. */
function handWorked(options: readonly [accuracy_pct: number, energy_j: number][]): PipelineSpec {
	const points = options.map(
		([accuracy_pct, energy_j_per_batch], v): ProfilePoint => ({
			variant: `v${v}`,
			accuracy_pct,
			cores: 1,
			batch: 1,
			latency_s: 0.5,
			throughput_rps: 2,
			kind: "measured",
			energy: { energy_j_per_batch, idle_power_w: 0, energy_se_j_per_batch: 0.1, kind: "measured" },
		}),
	);
	return handPipeline([points], {
		scaling_cap: 1,
		weights: { alpha: 100, beta: 0, gamma: 0, delta: 0 },
		arrival_rate_rps: 1,
	});
}

describe("a front worked by hand", () => {
	// Objective = accuracy in percent. (79, 7) lies under the line from (80, 10) to (70, 2)? Line at 7 J: 76.25: above it.
	// (60, 1.5) is on the front; (71, 4) lies under the line from (79, 7) to (70, 2), which is 73.6 at 4 J.
	const front = energyFront(
		handWorked([
			[80, 10],
			[79, 7],
			[71, 4],
			[70, 2],
			[60, 1.5],
			[50, 3],
		]),
	);
	if (front.status === "infeasible") throw new Error(front.detail);

	test("its points, and the path with its prices", () => {
		expect(front.points.map((own) => own.energy_j_per_request)).toEqual([10, 7, 4, 2, 1.5]);
		const path = tradeOff(front.points).points;
		expect(path.map((own) => own.energy_j_per_request)).toEqual([10, 7, 2, 1.5]);
		const prices = [0, 1 / 3, 9 / 5, 20];
		path.forEach((own, i) => {
			expect(own.delta_from).toBeCloseTo(prices[i] as number, 9);
			expect(own.delta_to).toBeCloseTo(prices[i + 1] ?? Number.POSITIVE_INFINITY, 9);
		});
	});

	test("its knee", () => {
		// Heights above the chord, both axes scaled: 7 J: 19/20 - 5.5/8.5 = 0.303; 2 J: 10/20 - 0.5/8.5 = 0.441.
		expect(tradeOff(front.points).knee?.energy_j_per_request).toBe(2);
		expect(tradeOff(front.points.slice(0, 2)).knee).toBeUndefined();
	});

	test("what 0, 1, 5 and 12.5 % of the objective buy", () => {
		const weights = { alpha: 100, beta: 0, gamma: 0, delta: 0 };
		const saved = [0, 0.01, 0.05, 0.125].map((loss) => energySaved(front.points, weights, loss).saved);
		expect(saved.map((share) => Number(share.toFixed(9)))).toEqual([0, 0, 0.3, 0.8]);
	});

	test("where accuracy just pays for the cores the objective is 0, and a share of what it weighs still saves", () => {
		// alpha 100 x 0.80 - beta 80 x 1 core = 0 for the best; 79 - 80 = -1 with 7 J for 10. 1 % of 80 + 80 is 1.6.
		const weights = { alpha: 100, beta: 80, gamma: 0, delta: 0 };
		const even = energyFront({
			...handWorked([
				[80, 10],
				[79, 7],
				[70, 2],
			]),
			weights,
		});
		if (even.status === "infeasible") throw new Error(even.detail);
		expect(even.points[0]?.objective_without_energy).toBeCloseTo(0, 12);
		const saved = [0, 0.005, 0.01, 0.07].map((loss) => energySaved(even.points, weights, loss).saved);
		expect(saved.map((share) => Number(share.toFixed(9)))).toEqual([0, 0, 0.3, 0.8]);
	});
});

describe("prices", () => {
	const weights = { alpha: 2, beta: 1, gamma: 0, delta: 0 };

	test("a joule a request at 100 requests/s is 100 W: at 0.30 EUR/kWh 0.03 EUR an hour, 0.75 cores of 0.04 EUR", () => {
		const prices = { eur_per_kwh: 0.3, eur_per_core_hour: 0.04 };
		expect(pricedWeights(weights, prices, 100).delta).toBeCloseTo(0.75, 12);
		expect(pricedWeights(weights, { ...prices, pue: 1.5 }, 100).delta).toBeCloseTo(1.125, 12);
	});

	test("the priced optimum is that of the delta which the prices give", () => {
		fc.assert(
			fc.property(random, (given) => {
				const spec = { ...given, weights: { ...given.weights, beta: 1, delta: 0 } };
				const prices = { eur_per_kwh: 30, eur_per_core_hour: 0.04 };
				const byPrice = optimize({ ...spec, prices });
				const byWeight = optimize({ ...spec, weights: pricedWeights(spec.weights, prices, spec.arrival_rate_rps) });
				expect(byPrice).toEqual(byWeight);
			}),
			{ numRuns: 50 },
		);
	});

	test("a delta beside prices, or no weight of a core, is refused", () => {
		const spec = handWorked([[80, 10]]);
		const prices = { eur_per_kwh: 0.3, eur_per_core_hour: 0.04 };
		const weight = { ...weights, delta: 1 };
		expect(() => optimize({ ...spec, prices, weights: weight })).toThrow(InputError);
		expect(() => optimize({ ...spec, prices, weights: { ...weights, beta: 0 } })).toThrow(/weights\.beta/);
	});
});

describe("the choice under measurement uncertainty", () => {
	test("two options whose difference is known: the share of changes is the normal probability of the other sign", () => {
		// delta 1: objectives 80 - e1 and 80 - e2 with e1 - e2 ~ N(-0.1, 0.1 sqrt 2): P(e2 < e1) = Phi(-1 / sqrt 2) = 0.2398
		// (R: pnorm(-1/sqrt(2))). The mean regret is E max(0, e1 - e2) = s phi(z) - 0.1 Phi(-z), z = 1/sqrt 2, s = 0.1 sqrt 2.
		const spec = withDelta(
			handWorked([
				[80, 5],
				[80, 5.1],
			]),
			1,
		);
		const found = choiceUnderUncertainty(spec, { resamples: 40_000, seed: 7 });
		if (found.status !== "resampled") throw new Error(found.reason);
		expect(found.chosen.stages[0]?.variant).toBe("v0");
		expect(found.changed).toBeCloseTo(0.2398, 2);
		expect(found.meanRegret).toBeCloseTo(0.1 * Math.SQRT2 * 0.310677 - 0.1 * 0.23975, 3);
		expect(found.choices.map(({ share }) => share).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
		expect(choiceUnderUncertainty(spec, { resamples: 100, seed: 7 })).toEqual(
			choiceUnderUncertainty(spec, { resamples: 100, seed: 7 }),
		);
	});

	test("a cell that two stages share is drawn once: its error cannot make one of two such pipelines look better", () => {
		// Both stages run a or b, each one cell for both. Drawn apart, the best would mix a and b in half of the resamples.
		const one = withDelta(
			handWorked([
				[80, 5],
				[80, 5.1],
			]),
			1,
		);
		const [stage] = one.stages;
		const two = { ...one, stages: [stage, { ...stage, name: "again" }] as typeof one.stages };
		const found = choiceUnderUncertainty(two, { resamples: 500, seed: 3 });
		if (found.status !== "resampled") throw new Error(found.reason);
		const pairs = found.choices.map((own) => own.configuration.stages.map(({ variant }) => variant).join(" "));
		expect(pairs.sort()).toEqual(["v0 v0", "v1 v1"]);
		// Two stages of one cell err together: 0.1 + 0.1, not 0.1 sqrt 2.
		expect(found.chosen.energy).toMatchObject({ energy_se_j_per_request: expect.closeTo(0.2, 12) });
	});

	test("a bound on power holds in the regret too: a draw in which the choice breaks it is not compared", () => {
		// 5 J at 1 request/s under a bound of 5 W: broken in half of the draws, where the other option, of 80 less accuracy
		// and 1 J, is the best. Compared there, the regret would be 10 - 80 on the mean of those draws: below 0.
		const spec = handWorked([
			[80, 5],
			[10, 1],
		]);
		const found = choiceUnderUncertainty(spec, { resamples: 400, seed: 5, bounds: { max_power_w: 5 } });
		if (found.status !== "resampled") throw new Error(found.reason);
		expect(found.changed).toBeGreaterThan(0.4);
		expect(found.meanRegret).toBe(0);
	});

	test("where energy has no part in the choice there is nothing to resample", () => {
		expect(choiceUnderUncertainty(handWorked([[80, 5]]), { seed: 1 })).toMatchObject({
			status: "unavailable",
			reason: expect.stringContaining("delta is 0"),
		});
	});

	test("a cell without a standard error makes it unavailable, and says which", () => {
		const spec = handWorked([[80, 5]]);
		const [stage] = spec.stages;
		const points = stage?.points.map(({ energy: _, ...point }) => point) ?? [];
		const without = { ...withDelta(spec, 1), stages: [{ ...(stage as NonNullable<typeof stage>), points }] };
		expect(choiceUnderUncertainty(without, { seed: 1 })).toEqual({
			status: "unavailable",
			reason: "stage0: v0 on 1 cores, batch 1 has no standard error of its energy",
		});
	});
});

describe("a bound that nothing meets", () => {
	const spec = handWorked([
		[80, 5],
		[70, 4],
	]);

	test("is told in the unit in which it was given, as it was given", () => {
		expect(optimize(spec, { bounds: { max_power_w: 3 } })).toMatchObject({ bound: "power", best: 4, limit: 3 });
		expect(optimize(spec, { bounds: { max_energy_j_per_request: 3 } })).toMatchObject({ bound: "energy", limit: 3 });
		expect(optimize(spec, { bounds: { max_cost_cores: 0.3 } })).toMatchObject({ bound: "cost", limit: 0.3 });
		const twice = { ...spec, arrival_rate_rps: 2 };
		// The tighter of the two: 7 W at 2 requests/s are 3.5 J.
		const bounds = { max_power_w: 7, max_energy_j_per_request: 3.6 };
		expect(optimize(twice, { bounds })).toMatchObject({ bound: "power", best: 8, limit: 7 });
	});
});
