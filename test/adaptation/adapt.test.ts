import { describe, expect, test } from "vitest";
import { adapt, type Decide, type Plan } from "../../src/adaptation/adapt.js";
import { predictor, smape } from "../../src/adaptation/predictors.js";
import { serve } from "../../src/adaptation/serve.js";
import { blockMaxima, damped } from "../../src/adaptation/trace.js";

/** One stage, one replica a request per second: cost = rate. */
const decide: Decide = (rate) => {
	if (rate > 20) return { status: "infeasible", reason: "over 20 requests/s" };
	const stage = { variant: "v", cores: 1, batch: 1, replicas: rate, latency_s: 0.5 };
	const energy = { energy_j_per_batch: 10, idle_power_w: 2, kind: "measured" as const };
	return {
		status: "decided",
		plan: { stages: [{ ...stage, energy }], accuracy: 0.7, cost_cores: rate } satisfies Plan,
	};
};
const options = { interval_s: 10, history_s: 120, startup_s: 5, predictor: predictor("reactive"), decide };
const served = { batchTimeout_s: 1, sla_s: 2, dropAfterSlas: 2, interval_s: 10, startup_s: 5, seed: 1 };
const load = (...blocks: number[]) => blocks.flatMap((rate) => new Array<number>(10).fill(rate));

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

	test("nothing feasible at the start is an error", () => {
		expect(() => adapt(load(30), options)).toThrow(/first step/);
	});
});

describe("serving", () => {
	test("enough replicas: no violation, and energy = busy x 20 W + idle x 2 W by hand", () => {
		const perSecond = load(4, 4);
		const outcome = serve(perSecond, adapt(perSecond, options), served);
		expect(outcome.requests).toBe(80);
		expect(outcome.violations).toBe(0);
		// 80 batches of 10 J; 4 replicas x 20 s, of which 40 s are busy.
		if (outcome.energy.status !== "available") throw new Error(outcome.energy.reason);
		expect(outcome.energy.total_j).toBeCloseTo(80 * 10 + (4 * 20 - 40) * 2, 6);
		expect(outcome.core_seconds).toBe(80);
	});

	test("too few replicas: late and dropped requests are violations, none is forgotten", () => {
		const perSecond = load(2, 12, 12);
		const outcome = serve(perSecond, adapt(perSecond, options), served);
		expect(outcome.requests).toBe(260);
		expect(outcome.violations).toBeGreaterThan(20);
		expect(outcome.violations).toBeGreaterThanOrEqual(outcome.dropped);
		expect(outcome.violationsByInterval.reduce((sum, count) => sum + count, 0)).toBe(outcome.violations);
	});

	test("shrinking holds both plans' cores during the start-up", () => {
		const perSecond = load(8, 4, 4);
		const outcome = serve(perSecond, adapt(perSecond, options), served);
		// The third interval drops from 8 to 4 replicas: 4 more are held for half of it.
		expect([...outcome.cost_cores]).toEqual([8, 8, 6]);
	});

	test("without energies in the profile the run's energy is unavailable, with the reason", () => {
		const bare: Decide = (rate, current) => {
			const decision = decide(rate, current);
			if (decision.status !== "decided") return decision;
			const stages = decision.plan.stages.map(({ energy: _, ...stage }) => stage);
			return { status: "decided", plan: { ...decision.plan, stages } };
		};
		const perSecond = load(4, 4);
		const outcome = serve(perSecond, adapt(perSecond, { ...options, decide: bare }), served);
		expect(outcome.energy).toMatchObject({
			status: "unavailable",
			reason: expect.stringContaining("no energy in the profile"),
		});
	});

	test("the same seed serves the same", () => {
		const perSecond = load(3, 9, 5);
		const steps = adapt(perSecond, options);
		expect(serve(perSecond, steps, served)).toEqual(serve(perSecond, steps, served));
	});
});
