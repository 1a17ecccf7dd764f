import { expect, test } from "vitest";
import type { Plan } from "../../src/adaptation/adapt.js";
import { spread } from "../../src/adaptation/queue.js";
import { appliedPlans, heldReplicas } from "../../src/adaptation/runEnergy.js";

const plan = (variant: string, replicas: number): Plan => ({
	stages: [{ variant, cores: 2, batch: 1, replicas, latency_s: 1 }],
	accuracy: 1,
	cost_cores: 2 * replicas,
});
const step = (at_s: number, own: Plan, changed: boolean) => ({ at_s, predicted_rps: 1, plan: own, changed });

test("who holds cores when: what is kept is held once, what is new from its decision, what goes until it is replaced", () => {
	const steps = [step(0, plan("v", 2), false), step(10, plan("v", 3), true), step(20, plan("w", 1), true)];
	const held = heldReplicas(appliedPlans(steps, 5), 30).map(({ from_s, until_s, replicas, stage }) => [
		stage.variant,
		replicas,
		from_s,
		until_s,
	]);
	expect(held).toEqual([
		["v", 2, 0, 15],
		["v", 1, 10, 15],
		["v", 3, 15, 25],
		["w", 1, 20, 25],
		["w", 1, 25, 30],
	]);
});

test("fewer replicas start none, and a plan that stays changes nothing", () => {
	const steps = [step(0, plan("v", 3), false), step(10, plan("v", 1), true), step(20, plan("v", 1), false)];
	const plans = appliedPlans(steps, 5);
	expect(plans.map(({ at_s, from_s }) => [at_s, from_s])).toEqual([
		[0, 0],
		[10, 15],
	]);
	expect(heldReplicas(plans, 30).map(({ replicas, from_s, until_s }) => [replicas, from_s, until_s])).toEqual([
		[3, 0, 15],
		[1, 15, 30],
	]);
});

test("a change whose replicas never come to serve holds them to the end", () => {
	const held = heldReplicas(appliedPlans([step(0, plan("v", 1), false), step(10, plan("v", 4), true)], 50), 20);
	expect(held.map(({ replicas, from_s, until_s }) => [replicas, from_s, until_s])).toEqual([
		[1, 0, 20],
		[3, 10, 20],
	]);
});

test("a rate spread over intervals: by hand, and what lies past the end in the last", () => {
	const into = new Float64Array(3);
	spread(into, 2, 5, 25, 10);
	expect([...into]).toEqual([10, 20, 10]);
	spread(into, 1, 28, 34, 10);
	expect([...into]).toEqual([10, 20, 16]);
	spread(into, 1, 40, 41, 10);
	spread(into, 1, 7, 7, 10);
	expect([...into]).toEqual([10, 20, 17]);
});
