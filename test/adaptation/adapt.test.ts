import { describe, expect, test } from "vitest";
import { adapt, type Decide, type Plan } from "../../src/adaptation/adapt.js";
import { predictor, smape } from "../../src/adaptation/predictors.js";
import { blockMaxima, damped } from "../../src/adaptation/trace.js";
import { load, options } from "./replicaARequest.js";

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
		const steps = adapt(load(4, 8, 30, 2), options);
		expect(steps.map(({ predicted_rps }) => predicted_rps)).toEqual([4, 4, 8, 30]);
		expect(steps.map(({ plan }) => plan.cost_cores)).toEqual([4, 4, 8, 8]);
		expect(steps.map(({ changed }) => changed)).toEqual([false, false, true, false]);
		expect(steps[3]?.infeasible).toBe("over 20 requests/s");
	});

	test("the predictor sees the blocks of its history, the first one standing in for those before the start", () => {
		const seen: number[][] = [];
		const own = (history: ArrayLike<number>) => seen.push(Array.from(history));
		adapt(load(4, 8, 3, 9, 2), { ...options, history_s: 30, predictor: own });
		expect(seen).toEqual([
			[4, 4, 4],
			[4, 4, 4],
			[4, 4, 8],
			[4, 8, 3],
			[8, 3, 9],
		]);
		expect(
			adapt(load(4, 4), { ...options, history_s: 1, predictor: (history) => 3 * history.length })[0]?.predicted_rps,
		).toBe(3);
	});

	test("a load is rounded up to whole requests, one at least", () => {
		const predicted = (value: number) => adapt(load(4), { ...options, predictor: () => value })[0]?.predicted_rps;
		expect([0, 0.2, 2, 2.0001, 3.9].map(predicted)).toEqual([1, 1, 2, 3, 4]);
		// A predictor's rounding is no request more.
		expect(predicted(2 + 1e-12)).toBe(2);
	});

	test("a change in one stage of two is a change; a plan of the same choices is none, whatever else it says", () => {
		const stage = { variant: "v", cores: 1, batch: 1, replicas: 1, latency_s: 1 };
		const plan = (changed: object, accuracy = 1): Plan => ({
			stages: [stage, { ...stage, ...changed }],
			accuracy,
			cost_cores: 2,
		});
		const second = (changed: Plan) => {
			const plans = [plan({}), changed];
			const next: Decide = () => ({ status: "decided", plan: plans.shift() as Plan });
			return adapt(load(1, 1), { ...options, decide: next })[1];
		};
		for (const changed of [{ variant: "w" }, { cores: 2 }, { batch: 2 }, { replicas: 2 }])
			expect(second(plan(changed))).toMatchObject({ changed: true, plan: plan(changed) });
		expect(second(plan({}, 0.5))).toMatchObject({ changed: false, plan: plan({}) });
	});

	test("nothing feasible at the start is an error", () => {
		expect(() => adapt(load(30), options)).toThrow(/first step/);
	});
});
