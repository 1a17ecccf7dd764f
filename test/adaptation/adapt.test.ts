import { describe, expect, test } from "vitest";
import { adapt, type Decide, type Plan } from "../../src/adaptation/adapt.js";
import { blockMaxima, damped, forecastLoads } from "../../src/forecast/loads.js";
import { predictor, smape } from "../../src/forecast/predictors.js";
import { adapted, load, options } from "./replicaARequest.js";

test("damping divides by integers and blocks take their maxima, as IPA does", () => {
	expect([...damped([0, 7, 8, 54, 388], 8)]).toEqual([0, 0, 1, 6, 48]);
	expect([...blockMaxima([1, 5, 2, 9, 3, 4, 7], 3)]).toEqual([5, 9]);
});

describe("predictors by hand, on 2 4 9", () => {
	test.each([
		["reactive", 9],
		["max", 9],
		["avg", 5],
	] as const)("%s", (name, expected) => {
		expect(predictor(name)([2, 4, 9])).toBe(expected);
	});

	test("smape: a published hand case, 100 against 110 is 9.52 %", () => {
		expect(smape([100, 0], [110, 0])).toBeCloseTo((100 * 20) / 210 / 2, 9);
		// 0/0 was a NaN, and a missing forecast counted as an undefined one.
		expect(() => smape([], [])).toThrow(RangeError);
		expect(() => smape([100, 0], [110])).toThrow("as many forecasts as values");
	});
});

describe("the loop", () => {
	test("each interval is decided from the one before; an infeasible one keeps what runs and says why", () => {
		const steps = adapted(load(4, 8, 30, 2));
		expect(steps.map(({ predicted_rps }) => predicted_rps)).toEqual([undefined, 4, 8, 30]);
		expect(steps.map(({ plan }) => plan.cost_cores)).toEqual([4, 4, 8, 8]);
		expect(steps.map(({ changed }) => changed)).toEqual([false, false, true, false]);
		expect(steps[3]?.infeasible).toBe("over 20 requests/s");
	});

	test("what runs at the start stays until a decision is feasible", () => {
		const stage = { variant: "v", cores: 1, batch: 1, replicas: 3, latency_s: 0.5 };
		const initial: Plan = { stages: [stage], accuracy: 0, cost_cores: 3 };
		const steps = adapt(load(30, 30, 5, 5), { ...options, initial });
		expect(steps.map(({ plan }) => plan.cost_cores)).toEqual([3, 3, 3, 5]);
		expect(steps.map(({ infeasible }) => infeasible !== undefined)).toEqual([false, true, true, false]);
	});

	test("the predictor sees the blocks of its history; while there are fewer, the largest of them stands in", () => {
		const seen: number[][] = [];
		const own = (history: ArrayLike<number>) => seen.push(Array.from(history));
		const given = { interval_s: 10, history_s: 30, predictor: own };
		const forecast = forecastLoads(load(4, 8, 3, 9, 2), given);
		expect(seen).toEqual([
			[4, 8, 3],
			[8, 3, 9],
		]);
		// Two blocks by the largest of them, then what push returns: how often it was asked.
		expect([...forecast]).toEqual([0, 4, 8, 1, 2]);
		// One that needs a single block answers from the first one on, to what there is.
		seen.length = 0;
		forecastLoads(load(4, 8, 3, 9, 2), { ...given, needs: 1 });
		expect(seen.slice(0, 3)).toEqual([[4], [4, 8], [4, 8, 3]]);
	});

	test("a load is rounded to the nearest whole request after the margin, a half to the even one, one at least", () => {
		const predicted = (value: number, margin_pct = 0) =>
			forecastLoads(load(4, 4), { ...options, predictor: () => value, margin_pct })[1];
		expect([0, 0.2, 2, 2.0001, 3.9, 2.5, 3.5].map((value) => predicted(value))).toEqual([1, 1, 2, 2, 4, 2, 4]);
		expect([5, 12.5, 17].map((value) => predicted(value, 20))).toEqual([6, 15, 20]);
		// What a float adds to a half is no half more: 1.1 x 2.5 / 1.1.
		expect(predicted(2.5 + 1e-12)).toBe(2);
	});

	test("a change in one stage of two is a change; a plan of the same choices is none, whatever else it says", () => {
		const stage = { variant: "v", cores: 1, batch: 1, replicas: 1, latency_s: 1 };
		const plan = (changed: object, accuracy = 1): Plan => ({
			stages: [stage, { ...stage, ...changed }],
			accuracy,
			cost_cores: 2,
		});
		const second = (changed: Plan) => {
			const next: Decide = () => ({ status: "decided", plan: changed });
			return adapt(load(1, 1), { ...options, decide: next, initial: plan({}) })[1];
		};
		for (const changed of [{ variant: "w" }, { cores: 2 }, { batch: 2 }, { replicas: 2 }])
			expect(second(plan(changed))).toMatchObject({ changed: true, plan: plan(changed) });
		expect(second(plan({}, 0.5))).toMatchObject({ changed: false, plan: plan({}) });
	});
});
