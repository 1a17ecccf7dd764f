import { expect, test } from "vitest";
import { configuration } from "../../src/pipeline/configuration.js";
import { withModelledEnergy } from "../../src/pipeline/energy.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import type { ProfilePoint } from "../../src/pipeline/profile.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { energyFront, energySaved } from "../../src/search/energyFront.js";
import { optimize } from "../../src/search/optimum.js";
import { verify } from "../../src/search/verify.js";
import { handPipeline } from "./handPipeline.js";

const point = (given: Partial<ProfilePoint>): ProfilePoint => ({
	variant: "a",
	accuracy_pct: 80,
	cores: 1,
	batch: 1,
	latency_s: 0.05,
	throughput_rps: 20,
	kind: "measured",
	...given,
});
const stages = [
	[point({}), point({ variant: "b", accuracy_pct: 90, latency_s: 0.1, throughput_rps: 10 })],
	[point({ variant: "c", cores: 2, latency_s: 0.025, throughput_rps: 40 })],
];
const power = {
	idle_w_per_core: 0.1,
	full_w_per_core: 11.1,
	full_se_w_per_core: 0.2,
	floor_w: 77,
	floor_se_w: 0.3,
};
const spec = (given: Partial<PipelineSpec> = {}) =>
	withModelledEnergy(handPipeline(stages, { scaling_cap: 3, ...given }), power);
const choice = [
	{ option: 0, replicas: 3 },
	{ option: 0, replicas: 1 },
];

// By hand at 10 requests/s: busy cores 10 x (1/20 + 2/40) = 1.0 of 5 allocated, so 1.0 x 11.1 + 4.0 x 0.1 = 11.5 W,
// and 88.5 W with the node.
test("a shared node: floor + busy cores + what idle replicas add, with the floor and without it", () => {
	const { energy } = configuration(pipelineOptions(spec()), choice);
	if (energy.status !== "available") throw new Error(energy.reason);
	expect(energy.kind).toBe("modelled");
	expect(energy.power_w).toBeCloseTo(11.5, 10);
	expect(energy.energy_j_per_request).toBeCloseTo(1.15, 10);
	expect(energy.with_floor?.power_w).toBeCloseTo(88.5, 10);
	expect(energy.with_floor?.energy_j_per_request).toBeCloseTo(8.85, 10);
	// One W per busy core for all: 0.1 core-seconds of a request x 0.2 W; the floor's own error apart.
	expect(energy.energy_se_j_per_request).toBeCloseTo(0.02, 10);
	expect(energy.with_floor?.energy_se_j_per_request).toBeCloseTo(Math.hypot(0.02, 0.03), 10);
	expect(verify(pipelineOptions(spec()), configuration(pipelineOptions(spec()), choice), {})).toEqual([]);
});

test("a batch keeps its cores busy for batch / throughput: its latency is a tail", () => {
	const tail = withModelledEnergy(handPipeline([[point({ latency_s: 0.08 })]]), power).stages[0]?.points[0];
	expect(tail?.energy?.energy_j_per_batch).toBeCloseTo(11.1 / 20, 12);
	const light = withModelledEnergy(handPipeline([[point({ throughput_rps: 1 })]]), power).stages[0]?.points[0];
	expect(light?.energy?.energy_j_per_batch).toBeCloseTo(11.1 * 0.05, 12);
});

test("a replica more adds its idle cores alone; without a node it is a machine, as before", () => {
	const more = [
		{ option: 0, replicas: 3 },
		{ option: 0, replicas: 2 },
	];
	const powerOf = (given: PipelineSpec, of: typeof choice) => {
		const { energy } = configuration(pipelineOptions(given), of);
		return energy.status === "available" ? energy.power_w : Number.NaN;
	};
	expect(powerOf(spec(), more) - powerOf(spec(), choice)).toBeCloseTo(0.2, 10);
	const machines = withModelledEnergy(handPipeline(stages), { idle_w_per_core: 40, full_w_per_core: 51 });
	expect(powerOf(machines, more) - powerOf(machines, choice)).toBeCloseTo(80, 10);
	const { energy } = configuration(pipelineOptions(machines), choice);
	expect(energy).not.toHaveProperty("with_floor");
});

test("the floor moves no choice, and shrinks the share that a choice saves", () => {
	const weights = { alpha: 10, beta: 0.01, gamma: 0, delta: 0.5 };
	const { node: _, ...bare } = spec({ weights });
	const [charged, alone] = [optimize(spec({ weights })), optimize(bare)];
	if (charged.status !== "optimal" || alone.status !== "optimal") throw new Error("infeasible");
	expect(charged.configuration.stages).toEqual(alone.configuration.stages);
	expect(charged.configuration.objective).toBe(alone.configuration.objective);

	const front = energyFront(spec({ weights: { ...weights, delta: 0 } }));
	if (front.status === "infeasible") throw new Error(front.detail);
	const { saved, saved_with_floor } = energySaved(front.points, { ...weights, delta: 0 }, 0.2);
	expect(saved).toBeGreaterThan(0.2);
	// b to a saves 10 x (0.1 - 0.05) = 0.5 busy cores of 88 W and more.
	expect(saved_with_floor).toBeLessThan(0.1);
	expect(saved_with_floor).toBeGreaterThan(0);
});

test("a floor below 0 is refused", () => {
	const wrong = { ...spec(), node: { floor_w: -1, kind: "modelled" as const } };
	expect(() => pipelineOptions(wrong)).toThrow(/node.floor_w: must be a number of 0 or more, received -1/);
});
