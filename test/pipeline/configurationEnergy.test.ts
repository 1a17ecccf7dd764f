import { describe, expect, test } from "vitest";
import { configuration } from "../../src/pipeline/configuration.js";
import { stageEnergy, withModelledEnergy } from "../../src/pipeline/energy.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import type { ProfileEnergy, ProfilePoint } from "../../src/pipeline/profile.js";
import { regressed } from "../../src/pipeline/regression.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { handPipeline } from "./handPipeline.js";

const point = (given: Partial<ProfilePoint>): ProfilePoint => ({
	variant: "a",
	accuracy_pct: 80,
	cores: 2,
	batch: 4,
	latency_s: 0.5,
	throughput_rps: 8,
	kind: "measured",
	...given,
});
const energy: ProfileEnergy = { energy_j_per_batch: 12, idle_power_w: 3, energy_se_j_per_batch: 1.2, kind: "measured" };
const pipeline = (stages: readonly (readonly ProfilePoint[])[], given: Partial<PipelineSpec> = {}) =>
	handPipeline(stages, { scaling_cap: 5, weights: { alpha: 10, beta: 1, gamma: 0.5, delta: 2 }, ...given });
const first = { option: 0, replicas: 3 };

describe("a stage's energy by hand", () => {
	// A minute of 10 requests/s: 600 requests in 150 batches of 12 J are 1800 J, and 75 of 180 replica-seconds; the other
	// 105 s at 3 W are 315 J. 2115 J in 60 s are 35.25 W, 3.525 J a request; 540 J of idling taken off, 2.625 J.
	test("three replicas, batch 4, 10 requests/s", () => {
		const own = stageEnergy(energy, { latency_s: 0.5, batch: 4, replicas: 3 }, 10);
		expect(own.power_w).toBeCloseTo(35.25, 12);
		expect(own.energy_j_per_request).toBeCloseTo(3.525, 12);
		expect(own.marginal_j_per_request).toBeCloseTo(3, 12);
		expect(own.dynamic_j_per_request).toBeCloseTo(2.625, 12);
		expect(own.utilisation).toBeCloseTo(75 / 180, 12);
		expect(own.energy_se_j_per_request).toBeCloseTo(0.3, 12);
	});

	test("at capacity nothing idles: the marginal energy is all", () => {
		const own = stageEnergy(energy, { latency_s: 0.5, batch: 4, replicas: 3 }, 24);
		expect(own.utilisation).toBeCloseTo(1, 12);
		expect(own.energy_j_per_request).toBeCloseTo(3, 12);
	});

	test("without a standard error there is none", () => {
		const { energy_se_j_per_batch: _, ...without } = energy;
		expect(stageEnergy(without, { latency_s: 0.5, batch: 4, replicas: 3 }, 10)).not.toHaveProperty(
			"energy_se_j_per_request",
		);
	});
});

describe("a configuration of two stages by hand", () => {
	// The second: 10 batches of 5 J a second, 2 of 4 replica-seconds busy and 2 at 1 W: 52 W, 5.2 J; less 4 W of idling, 4.8 J.
	const second = point({
		variant: "b",
		accuracy_pct: 50,
		cores: 1,
		batch: 1,
		latency_s: 0.2,
		throughput_rps: 5,
		energy: { energy_j_per_batch: 5, idle_power_w: 1, energy_se_j_per_batch: 0.4, kind: "digitised" },
	});
	const choice = [first, { option: 0, replicas: 4 }];
	const own = configuration(pipelineOptions(pipeline([[point({ energy })], [second]])), choice);

	test("powers, energies and their variances add up", () => {
		if (own.energy.status !== "available") throw new Error(own.energy.reason);
		expect(own.energy.power_w).toBeCloseTo(87.25, 12);
		expect(own.energy.energy_j_per_request).toBeCloseTo(8.725, 12);
		expect(own.energy.marginal_j_per_request).toBeCloseTo(8, 12);
		expect(own.energy.dynamic_j_per_request).toBeCloseTo(7.425, 12);
		// 0.3 J and 0.4 J.
		expect(own.energy.energy_se_j_per_request).toBeCloseTo(0.5, 12);
		expect(own.energy.kind).toBe("digitised");
		expect(own.stages.map((stage) => stage.energy?.energy_j_per_request)).toEqual([
			expect.closeTo(3.525, 12),
			expect.closeTo(5.2, 12),
		]);
		expect(own.stages.map((stage) => stage.energy?.kind)).toEqual(["measured", "digitised"]);
	});

	test("so do the other metrics, and the objective weighs them", () => {
		// 0.5 s and three of ten requests' wait, 0.2 s and none.
		expect(own.latency_s).toBeCloseTo(1, 12);
		expect(own.throughput_rps).toBe(20);
		expect(own.cost_cores).toBe(10);
		expect(own.accuracy).toBeCloseTo(1.3, 12);
		// 13 - 10 cores - half of the batches 4 and 1 - twice the joules.
		expect(own.objective).toBeCloseTo(13 - 10 - 2.5 - 17.45, 12);
		expect(own.feasible).toBe(true);
	});

	test("it carries the load up to its narrowest stage, at equality too", () => {
		const at = (arrival_rate_rps: number) =>
			configuration(pipelineOptions(pipeline([[point({ energy })], [second]], { arrival_rate_rps })), choice).feasible;
		expect([at(20), at(20.001)]).toEqual([true, false]);
	});

	test("an assumed idle power makes the whole modelled and leaves the marginal energy measured", () => {
		const assumed = point({ energy: { ...energy, idle_kind: "modelled" } });
		const { energy: found } = configuration(pipelineOptions(pipeline([[assumed]])), [first]);
		expect(found).toMatchObject({ kind: "modelled", marginal_kind: "measured" });
	});

	test("one stage without a standard error leaves the sum without one, in either order", () => {
		const { energy_se_j_per_batch: _, ...without } = energy;
		for (const stages of [
			[[point({ energy: without })], [second]],
			[[second], [point({ energy: without })]],
		])
			expect(configuration(pipelineOptions(pipeline(stages)), choice).energy).not.toHaveProperty(
				"energy_se_j_per_request",
			);
	});

	test("one stage without an energy leaves none: not weighed it costs nothing, weighed it is the worst of all", () => {
		const stages = [[point({ energy })], [point({ variant: "c" })]];
		const weighed = (delta: number) =>
			configuration(pipelineOptions(pipeline(stages, { weights: { alpha: 10, beta: 1, gamma: 0, delta } })), choice);
		expect(weighed(0).energy).toEqual({
			status: "unavailable",
			reason: "stage1: c on 2 cores, batch 4 has no energy",
		});
		expect(weighed(0).objective).toBeCloseTo(16 - 14, 12);
		expect(weighed(1e-9).objective).toBe(Number.NEGATIVE_INFINITY);
	});

	test("no requests, no energy of one", () => {
		const idle = configuration(
			pipelineOptions(
				pipeline([[point({ energy })]], { arrival_rate_rps: 0, weights: { alpha: 1, beta: 0, gamma: 0, delta: 0 } }),
			),
			[first],
		);
		expect(idle.energy).toMatchObject({ status: "unavailable" });
		expect(idle.stages[0]).not.toHaveProperty("energy");
		// Nor is there a wait for company that never comes.
		expect(idle.latency_s).toBe(0.5);
	});
});

test("a modelled energy: two cores of 20 W for half a second are 20 J, and 3 W idle for each are 6 W", () => {
	const [stage] = withModelledEnergy(pipeline([[point({ energy })]]), {
		idle_w_per_core: 3,
		full_w_per_core: 20,
	}).stages;
	expect(stage?.points[0]?.energy).toEqual({ energy_j_per_batch: 20, idle_power_w: 6, kind: "modelled" });
});

describe("what a stage may run", () => {
	const points = [
		point({ energy }),
		point({ cores: 4, latency_s: 0.25, throughput_rps: 16 }),
		point({ variant: "b", accuracy_pct: 90 }),
		point({ variant: "b", accuracy_pct: 90, cores: 4, batch: 1, latency_s: 0.1, throughput_rps: 10 }),
	];
	const options = (given: Partial<PipelineSpec>, initial_replicas?: number) => {
		const spec = pipeline([points], { weights: { alpha: 10, beta: 1, gamma: 0, delta: 0 }, ...given });
		const stages = spec.stages.map((stage) => ({
			...stage,
			...(initial_replicas === undefined ? {} : { initial_replicas }),
		}));
		const [stage] = pipelineOptions({ ...spec, stages }).stages;
		return {
			replicas: stage?.replicas,
			options: stage?.options.map(({ variant, cores }) => `${variant}${cores}`),
			energies: stage?.options.map((own) => own.energy?.energy_j_per_batch),
		};
	};
	test("all: up to the cap of replicas, energies where there are any", () =>
		expect(options({})).toEqual({
			replicas: [1, 5],
			options: ["a2", "a4", "b2", "b4"],
			energies: [12, undefined, undefined, undefined],
		}));
	test("scale keeps the initial variant, and scales", () =>
		expect(options({ baseline: "scale" }, 3)).toMatchObject({ replicas: [1, 5], options: ["a2", "a4"] }));
	test("switch keeps the initial replicas, one where none are given", () => {
		expect(options({ baseline: "switch" }, 3)).toMatchObject({ replicas: [3, 3], options: ["a2", "a4", "b2", "b4"] });
		expect(options({ baseline: "switch" })).toMatchObject({ replicas: [1, 1] });
	});
	test("fix keeps the initial cores", () =>
		expect(options({ allocation_mode: "fix" })).toMatchObject({ options: ["a2", "b2"] }));
	test("base keeps one allocation of each variant", () => {
		// On two cores 8 requests/s are what either reaches.
		expect(options({ allocation_mode: "base", threshold_rps: 9 })).toMatchObject({ options: ["a4", "b4"] });
	});
	test("an SLA that is given stands over the stages' sum", () => {
		const sla_s = (given: Partial<PipelineSpec>) => pipelineOptions(pipeline([points, points], given)).sla_s;
		// Of each stage: 5 x the mean of 0.25 s and 0.1 s, the first points of the last allocations.
		expect(sla_s({ weights: { alpha: 1, beta: 0, gamma: 0, delta: 0 } })).toBeCloseTo(2 * 5 * 0.175, 12);
		expect(sla_s({ weights: { alpha: 1, beta: 0, gamma: 0, delta: 0 }, sla_s: 0.7 })).toBe(0.7);
	});
});

test("the regression step keeps the energy of the batches that were measured, from a smallest batch of 2 on", () => {
	// 0.1 s + 0.05 s b is a straight line: its values at 2, 3, 5 and 9 are what the fit must give.
	const at = (batch: number) =>
		point({ batch, latency_s: 0.1 + 0.05 * batch, energy: { ...energy, energy_j_per_batch: batch } });
	const fitted = regressed([2, 5, 9].map(at));
	expect(fitted.map(({ batch, energy: own }) => [batch, own?.energy_j_per_batch])).toEqual([
		[2, 2],
		[3, undefined],
		[5, 5],
		[9, 9],
	]);
	for (const { batch, latency_s, throughput_rps, kind } of fitted) {
		expect(latency_s).toBeCloseTo(0.1 + 0.05 * batch, 10);
		expect(throughput_rps).toBeCloseTo(batch / (0.1 + 0.05 * batch), 8);
		expect(kind).toBe("modelled");
	}
	expect(regressed([2, 5, 8].map(at)).map(({ batch }) => batch)).toEqual([2, 3, 5]);
});
