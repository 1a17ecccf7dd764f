import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Decide, Plan } from "../../src/adaptation/adapt.js";
import { type Served, serve } from "../../src/adaptation/serve.js";
import { adapted, decide, load, options } from "./replicaARequest.js";

const served = { batchTimeout_s: 1, late_after_s: 2, drop_after_s: 4, interval_s: 10, startup_s: 5, seed: 1 };
/** The last two seconds without requests, so that nothing runs past the end. */
const quietEnd = (perSecond: number[]) => [...perSecond.slice(0, -2), 0, 0];
const energyOf = ({ energy }: Served) => {
	if (energy.status !== "available") throw new Error(energy.reason);
	return energy;
};

describe("serving", () => {
	test("enough replicas: no violation, and energy = busy x 20 W + idle x 2 W by hand", () => {
		const perSecond = quietEnd(load(4, 4));
		const outcome = serve(perSecond, adapted(perSecond), served);
		expect(outcome.requests).toBe(72);
		expect(outcome.violations).toBe(0);
		// 72 batches of 10 J; 4 replicas x 20 s, of which 36 s are busy.
		expect(energyOf(outcome).total_j).toBeCloseTo(72 * 10 + (4 * 20 - 36) * 2, 6);
		expect(outcome.core_seconds).toBe(80);
	});

	test("too few replicas: late and dropped requests are violations, none is forgotten", () => {
		const perSecond = load(2, 12, 12);
		const outcome = serve(perSecond, adapted(perSecond), served);
		expect(outcome.requests).toBe(260);
		expect(outcome.violations).toBeGreaterThan(20);
		expect(outcome.violations).toBeGreaterThanOrEqual(outcome.dropped);
		expect(outcome.violationsByInterval.reduce((sum, count) => sum + count, 0)).toBe(outcome.violations);
	});

	test("shrinking holds both plans' cores during the start-up", () => {
		const perSecond = load(8, 4, 4);
		const outcome = serve(perSecond, adapted(perSecond), served);
		// The third interval drops from 8 to 4 replicas: 4 more are held for half of it.
		expect([...outcome.cost_cores]).toEqual([8, 8, 6]);
	});

	test("replicas that start hold cores and draw idle power before they serve", () => {
		const perSecond = quietEnd(load(2, 4, 4));
		const outcome = serve(perSecond, adapted(perSecond), served);
		// Decided at 20 s: two more replicas, serving from 25 s on; all four hold their cores from 20 s.
		expect([...outcome.cost_cores]).toEqual([2, 2, 4]);
		// Every request is a batch of 10 J and half a second.
		const { requests } = outcome;
		expect(outcome.dropped).toBe(0);
		expect(energyOf(outcome).total_j).toBeCloseTo(requests * 10 + (80 - requests / 2) * 2, 6);
	});

	test("a start-up longer than the interval: plans take over in turn, and wait in turn", () => {
		const perSecond = load(2, 4, 6, 6, 6);
		const outcome = serve(perSecond, adapted(perSecond), { ...served, startup_s: 15 });
		// Decisions at 20 s (4 replicas, from 35 s) and at 30 s (6, from 45 s): each holds its new replicas at once.
		expect([...outcome.cost_cores]).toEqual([2, 2, 4, 6, 6]);
		expect(outcome.changes).toBe(2);
	});

	test("the accuracy in force changes when the plan takes over, not when it is decided", () => {
		const better: Decide = (rate, current) => {
			const decision = decide(rate, current);
			if (decision.status !== "decided") return decision;
			return { status: "decided", plan: { ...decision.plan, accuracy: rate / 10 } };
		};
		const perSecond = load(2, 4, 4, 4);
		const outcome = serve(perSecond, adapted(perSecond, { ...options, decide: better }), served);
		[0.2, 0.2, 0.3, 0.4].forEach((accuracy, k) => {
			expect(outcome.accuracy[k]).toBeCloseTo(accuracy, 12);
		});
		// 20, 40, 40 and 40 requests: 4 + 8 + 12 + 16 of 140.
		expect(outcome.meanAccuracy).toBeCloseTo(40 / 140, 12);
		const none = serve(load(0, 0), adapted(load(0, 0), { ...options, decide: better }), served);
		expect(none).toMatchObject({ requests: 0, violations: 0, meanAccuracy: expect.closeTo(0.1, 12) });
	});

	test("a second stage serves in the order in which the first completes, not in that of arrival", () => {
		const two = (variant: string, latency_s: number): Plan => ({
			stages: [
				{ variant, cores: 1, batch: 1, replicas: 1, latency_s },
				{ variant: "second", cores: 1, batch: 1, replicas: 1, latency_s: 1 },
			],
			accuracy: 1,
			cost_cores: 2,
		});
		const perSecond = new Array<number>(40).fill(0);
		// One comes at 5 s and leaves the slow variant at 25 s; one comes at 16 s, after the change, and is out at 18 s.
		perSecond[5] = 1;
		perSecond[16] = 1;
		const steps = [0, 10, 20, 30].map((at_s) => ({
			at_s,
			predicted_rps: 1,
			plan: at_s < 10 ? two("slow", 20) : two("fast", 1),
			changed: at_s === 10,
		}));
		const outcome = serve(perSecond, steps, { ...served, late_after_s: 5, drop_after_s: 500 });
		expect([...outcome.violationsByInterval]).toEqual([1, 0, 0, 0]);
		expect(outcome.dropped).toBe(0);
	});

	// 8 replicas serve 16 requests/s; 20 arrive from 20 s on, so 4 a second pile up, and from 35 s on 20 replicas serve 40.
	// A request is late once more than 8 are before it (half a second of waiting, half of service): from 22 s on.
	test.each([
		// The pile is 60 at 35 s, where the twelve new replicas take 12 at once; at 20 a second it is down to 20, half a
		// second's work, at 36.4 s.
		["never dropped", 100, (36.4 - 22) * 20],
		// Nobody waits above 2 s, so the pile stops at 32, and 20 are left at 35 s.
		["dropped past 2 SLAs", 2, (35 - 22) * 20],
	])("a burst that the predictor does not see, worked out by hand; %s", (_, drop_after_s, late) => {
		const perSecond = load(8, 8, 20, 20, 20);
		const limits = { ...served, late_after_s: 1, drop_after_s };
		const outcome = serve(perSecond, adapted(perSecond), limits);
		expect(Math.abs(outcome.violations - late)).toBeLessThan(0.05 * late);
		expect([...outcome.violationsByInterval.subarray(0, 2)]).toEqual([0, 0]);
		expect(outcome.violationsByInterval[4]).toBe(0);
	});

	test("a batch that is not full draws what lies between the profiled ones: by hand, 1 J of one and 1.25 J of two", () => {
		const cell = (batch: number, latency_s: number, joules: number) => {
			const energy = { energy_j_per_batch: joules, idle_power_w: 0, kind: "measured" as const };
			return { batch, latency_s, energy };
		};
		const stage = {
			variant: "v",
			cores: 1,
			replicas: 1,
			...cell(8, 5, 2.5),
			smaller: [cell(1, 1, 1), cell(4, 2, 1.75)],
		};
		const always: Decide = () => ({ status: "decided", plan: { stages: [stage], accuracy: 1, cost_cores: 1 } });
		const once = (count: number) => {
			const perSecond = [count, 0, 0, 0, 0, 0, 0, 0, 0, 0];
			// A second of patience gathers all of them; the rest of the interval is quiet.
			const outcome = serve(perSecond, adapted(perSecond, { ...options, decide: always }), {
				...served,
				late_after_s: 10,
				drop_after_s: 20,
			});
			return energyOf(outcome).total_j;
		};
		expect([1, 2, 4, 6, 8].map(once)).toEqual([1, 1.25, 1.75, 2.125, 2.5].map((joules) => expect.closeTo(joules, 9)));
	});

	test("a batch that a change of variant outlives draws its own energy whole, though no request comes after it", () => {
		// A batch of 12 s and 100 J from 9 s on; the variant changes at 15 s, with a core of 1 W instead of 2 W.
		const one = (variant: string, idle_power_w: number): Plan => ({
			stages: [
				{
					variant,
					cores: 1,
					batch: 1,
					replicas: 1,
					latency_s: 12,
					energy: { energy_j_per_batch: 100, idle_power_w, kind: "measured" },
				},
			],
			accuracy: 1,
			cost_cores: 1,
		});
		const perSecond = [...new Array<number>(9).fill(0), 1, ...new Array<number>(30).fill(0)];
		const steps = [0, 10, 20, 30].map((at_s) => ({
			at_s,
			predicted_rps: 1,
			plan: at_s < 10 ? one("v", 2) : one("w", 1),
			changed: at_s === 10,
		}));
		const { energy } = serve(perSecond, steps, { ...served, late_after_s: 100, drop_after_s: 200 });
		// 100 J; v's core idles from 0 s until the batch begins within the tenth second, w's from 10 to 40 s.
		if (energy.status !== "available") throw new Error(energy.reason);
		expect(energy.total_j).toBeGreaterThanOrEqual(100 + 2 * 9 + 30);
		expect(energy.total_j).toBeLessThan(100 + 2 * 10 + 30);
	});

	test("an idle power that is assumed makes the run's energy modelled, whatever its batches are", () => {
		const assumed: Decide = (rate, current) => {
			const decision = decide(rate, current);
			if (decision.status !== "decided") return decision;
			const stages = decision.plan.stages.map((stage) => ({
				...stage,
				energy: { energy_j_per_batch: 10, idle_power_w: 2, kind: "measured" as const, idle_kind: "modelled" as const },
			}));
			return { status: "decided", plan: { ...decision.plan, stages } };
		};
		const perSecond = load(4, 4);
		expect(energyOf(serve(perSecond, adapted(perSecond), served)).kind).toBe("measured");
		expect(energyOf(serve(perSecond, adapted(perSecond, { ...options, decide: assumed }), served)).kind).toBe(
			"modelled",
		);
	});

	test("a latency that is modelled makes it modelled too: how long replicas idle follows from it", () => {
		const fitted: Decide = (rate, current) => {
			const decision = decide(rate, current);
			if (decision.status !== "decided") return decision;
			const stages = decision.plan.stages.map((stage) => ({ ...stage, latency_kind: "modelled" as const }));
			return { status: "decided", plan: { ...decision.plan, stages } };
		};
		const perSecond = load(4, 4);
		expect(energyOf(serve(perSecond, adapted(perSecond, { ...options, decide: fitted }), served)).kind).toBe(
			"modelled",
		);
	});

	describe("on any load", () => {
		const loads = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 2, maxLength: 8 });
		const run = (rates: number[], energy: { energy_j_per_batch: number; idle_power_w: number }) => {
			const priced: Decide = (rate, current) => {
				const decision = decide(rate, current);
				if (decision.status !== "decided") return decision;
				const stages = decision.plan.stages.map((stage) => ({
					...stage,
					energy: { ...energy, kind: "measured" as const },
				}));
				return { status: "decided", plan: { ...decision.plan, stages } };
			};
			const perSecond = quietEnd(load(...rates));
			return { perSecond, outcome: serve(perSecond, adapted(perSecond, { ...options, decide: priced }), served) };
		};

		test("requests in are requests served and dropped, in total and by interval", () => {
			fc.assert(
				fc.property(loads, (rates) => {
					const { perSecond, outcome } = run(rates, { energy_j_per_batch: 1, idle_power_w: 0 });
					// With no idle power and 1 J a batch of one, the energy counts the requests served.
					expect(energyOf(outcome).total_j).toBeCloseTo(outcome.requests - outcome.dropped, 6);
					rates.forEach((_, k) => {
						const sent = perSecond.slice(10 * k, 10 * k + 10).reduce((sum, count) => sum + count, 0);
						expect(outcome.requestsByInterval[k]).toBe(sent);
						expect(outcome.violationsByInterval[k]).toBeLessThanOrEqual(sent);
					});
					expect(outcome.violations).toBeGreaterThanOrEqual(outcome.dropped);
				}),
			);
		});

		test("where busy draws what idle draws, the power is that of the allocated cores, in every interval", () => {
			fc.assert(
				fc.property(loads, (rates) => {
					const rising = rates.toSorted((a, b) => a - b);
					const { outcome } = run(rising, { energy_j_per_batch: 1, idle_power_w: 2 });
					// A batch of half a second at 2 W; one core a replica; no replica is taken away.
					const { joules } = energyOf(outcome);
					const last = joules.length - 1;
					outcome.cost_cores.forEach((cores, k) => {
						if (k < last) expect(joules[k]).toBeCloseTo(2 * 10 * cores, 6);
					});
					// What is still in the queues at the end is served after it.
					expect(joules[last]).toBeGreaterThanOrEqual(2 * 10 * (outcome.cost_cores[last] as number) - 1e-6);
				}),
			);
		});

		test("replicas that are taken away draw on for what they still run, and no longer", () => {
			fc.assert(
				fc.property(loads, (rates) => {
					const { outcome } = run(rates, { energy_j_per_batch: 1, idle_power_w: 2 });
					const { joules, total_j } = energyOf(outcome);
					outcome.cost_cores.forEach((cores, k) => {
						expect(joules[k]).toBeGreaterThanOrEqual(2 * 10 * cores - 1e-6);
					});
					// At most every replica that was ever held finishes one batch of 1 J, and what waits at the end is served.
					const most = 2 * outcome.core_seconds + outcome.changes * 20 + outcome.requests;
					expect(total_j).toBeLessThanOrEqual(most);
				}),
			);
		});
	});

	test("without energies in the profile the run's energy is unavailable, with the reason", () => {
		const bare: Decide = (rate, current) => {
			const decision = decide(rate, current);
			if (decision.status !== "decided") return decision;
			const stages = decision.plan.stages.map(({ energy: _, ...stage }) => stage);
			return { status: "decided", plan: { ...decision.plan, stages } };
		};
		const perSecond = load(4, 4);
		const outcome = serve(perSecond, adapted(perSecond, { ...options, decide: bare }), served);
		expect(outcome.energy).toMatchObject({
			status: "unavailable",
			reason: expect.stringContaining("no energy in the profile"),
		});
	});

	test("the same seed serves the same", () => {
		const perSecond = load(3, 9, 5);
		const steps = adapted(perSecond);
		expect(serve(perSecond, steps, served)).toEqual(serve(perSecond, steps, served));
	});
});
