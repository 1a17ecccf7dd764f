import { describe, expect, test } from "vitest";
import { baseAllocations } from "../../src/pipeline/allocation.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import type { ProfilePoint, StageProfile } from "../../src/pipeline/profile.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { optimize } from "../../src/search/optimum.js";
import { handPipeline } from "./handPipeline.js";

const point = (variant: string, cores: number, batch: number, latency_s: number, accuracy_pct = 50): ProfilePoint => ({
	variant,
	accuracy_pct,
	cores,
	batch,
	latency_s,
	throughput_rps: batch / latency_s,
	kind: "measured",
});

const spec = (points: readonly ProfilePoint[], over: Partial<PipelineSpec> = {}, stage: Partial<StageProfile> = {}) =>
	handPipeline([points], {
		name: "odd",
		stages: [{ name: "s", points, initial_variant: "a", initial_cores: 1, ...stage }],
		threshold_rps: 0,
		scaling_cap: 10,
		arrival_rate_rps: 1,
		...over,
	});

describe("what would be two answers is an error", () => {
	test("a variant with two accuracies", () => {
		expect(() => pipelineOptions(spec([point("a", 1, 1, 0.1, 50), point("a", 2, 1, 0.1, 90)]))).toThrow(
			"pipeline odd, stages.0.points.1.accuracy_pct: must be the 50 of the other points of a, received 90",
		);
	});

	test("a batch twice, where it is a choice; a curve goes through both, as IPA's does", () => {
		const twice = [point("a", 1, 1, 0.1), point("a", 1, 2, 0.2), point("a", 1, 2, 0.4)];
		expect(() => pipelineOptions(spec(twice))).toThrow(
			"pipeline odd, stages.0.points.2.batch: must be there once for a on 1 cores, received 2",
		);
		// Two distinct batches determine a line: through 0.1 and the mean of 0.2 and 0.4.
		const [stage] = pipelineOptions(spec(twice, { only_measured_profiles: false })).stages;
		expect(stage?.options.map(({ latency_s }) => latency_s)).toEqual([
			expect.closeTo(0.1, 12),
			expect.closeTo(0.3, 12),
		]);
		const energy = { energy_j_per_batch: 1, idle_power_w: 1, kind: "measured" as const };
		const both = twice.map((own) => ({ ...own, energy }));
		expect(() => pipelineOptions(spec(both, { only_measured_profiles: false }))).toThrow("must have one energy");
		// The same batch on another allocation, or of another variant, is another choice.
		expect(pipelineOptions(spec([point("a", 1, 1, 0.1), point("a", 2, 1, 0.1), point("b", 1, 1, 0.1)]))).toBeDefined();
	});
});

describe("a stage without anything to run is an error, and no load that its replicas cannot carry", () => {
	test.each([
		[{ baseline: "scale" }, { initial_variant: "z" }, "of its initial variant z (baseline scale)"],
		[{ allocation_mode: "fix" }, { initial_cores: 7 }, "on its initial 7 cores (allocation_mode fix)"],
		[{ allocation_mode: "base", batching_cap: 1 }, {}, "on a base allocation, within batching_cap 1"],
	] as const)("%j %j", (over, stage, said) => {
		// On one core only the batch of 8 reaches 15 requests/s; two cores would do with a batch of 1.
		const points = [point("a", 1, 8, 0.5), point("a", 2, 1, 0.1)];
		const given = spec(points, { ...over, threshold_rps: 15 }, stage);
		if (given.allocation_mode === "base") expect(baseAllocations(points, 15, 0.5).get("a")).toBe(1);
		expect(() => pipelineOptions(given)).toThrow(`pipeline odd, stages.0 (s): must have a profile point ${said}`);
	});

	test.each([0, 0.5, Number.NaN])("initial_replicas %d", (initial_replicas) => {
		expect(() => pipelineOptions(spec([point("a", 1, 1, 0.1)], {}, { initial_replicas }))).toThrow("initial_replicas");
	});
});

test("the stage's SLA goes by the smallest batch on the last allocation, whatever the order of the points", () => {
	const sorted = [point("a", 1, 1, 0.2), point("a", 1, 8, 0.8), point("a", 2, 1, 0.1), point("a", 2, 8, 0.4)];
	const [one, eight, two, twoEight] = sorted as [ProfilePoint, ProfilePoint, ProfilePoint, ProfilePoint];
	for (const points of [sorted, [eight, one, twoEight, two], [one, two, twoEight, eight]])
		expect(pipelineOptions(spec(points)).sla_s).toBeCloseTo(5 * 0.1, 12);
});

test("a fitted latency below 0 is an error: numpy's polyfit of degree 2 gives -0.2077 at 64, of degree 1 -0.03357", () => {
	const latencies = [0.02, 0.02, 5, 1, 0.02, 0.01];
	const points = [1, 4, 8, 16, 32, 64].map((batch, i) => point("a", 1, batch, latencies[i] as number));
	expect(() => pipelineOptions(spec(points, { only_measured_profiles: false }))).toThrow(
		/a on 1 cores, batch 64: must have a latency above 0 by the quadratic or the straight line.*-0\.03356838/,
	);
});

test("equal accuracies are ranked by name, as IPA's sorted(zip(accuracies, variants)) has it", () => {
	const points = [point("z", 1, 1, 0.1), point("a", 1, 1, 0.1), point("m", 1, 1, 0.1, 90)];
	const [stage] = pipelineOptions(spec(points, { normalize_accuracy: true })).stages;
	expect(stage?.options.map(({ variant, accuracy }) => [variant, accuracy])).toEqual([
		["z", 0.5],
		["a", 0],
		["m", 1],
	]);
});

test("a rate beyond any number of replicas ends, and is infeasible", () => {
	for (const arrival_rate_rps of [1e18, 1e300])
		expect(optimize(spec([point("a", 1, 1, 0.3)], { arrival_rate_rps }))).toMatchObject({
			status: "infeasible",
			bound: "replicas",
		});
});

test("a bound is told as it was asked for", () => {
	expect(optimize(spec([point("a", 1, 1, 0.1)]), { bounds: { max_cost_cores: 0.7 } })).toMatchObject({
		bound: "cost",
		best: 1,
		limit: 0.7,
	});
	const energy = { energy_j_per_batch: 3, idle_power_w: 0, kind: "measured" as const };
	const powered = spec([{ ...point("a", 1, 1, 0.1), energy }], { arrival_rate_rps: 2 });
	// 3 J a request at 2 requests/s are 6 W.
	expect(optimize(powered, { bounds: { max_power_w: 5 } })).toMatchObject({ bound: "power", best: 6, limit: 5 });
});
