import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Plan } from "../../src/adaptation/adapt.js";
import { decider, systemSpec } from "../../src/adaptation/systems.js";
import { packageRoot } from "../../src/datasets/root.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { optimize } from "../../src/search/optimum.js";

const video = JSON.parse(readFileSync(join(packageRoot, "data/derived/profiles/video.json"), "utf8")) as PipelineSpec;
const planned = (spec: PipelineSpec, rate: number, current?: Plan) => {
	const decision = decider(spec)(rate, current);
	if (decision.status !== "decided") throw new Error(decision.reason);
	return decision.plan;
};
const variants = ({ stages }: Plan) => stages.map(({ variant }) => variant);

test("FA2 keeps the lightest or the heaviest variants, RIM the replicas, whatever the load", () => {
	for (const rate of [3, 12, 25]) {
		expect(variants(planned(systemSpec(video, "fa2-low", 10), rate))).toEqual(["yolov5n", "resnet18"]);
		expect(variants(planned(systemSpec(video, "fa2-high", 10), rate))).toEqual(["yolov5x", "resnet152"]);
		expect(planned(systemSpec(video, "rim", 10), rate).stages.map(({ replicas }) => replicas)).toEqual([10, 10]);
	}
});

test("IPA decides by the exact optimum, and no baseline beats its objective", () => {
	const { alpha, beta } = video.weights;
	const scored = (plan: Plan) => alpha * plan.accuracy - beta * plan.cost_cores;
	for (const rate of [3, 12, 25]) {
		const ipa = planned(systemSpec(video, "ipa", 10), rate);
		const found = optimize({ ...video, arrival_rate_rps: rate });
		expect(found.status === "optimal" ? found.configuration.cost_cores : 0).toBe(ipa.cost_cores);
		for (const system of ["fa2-low", "fa2-high", "rim"] as const)
			expect(scored(planned(systemSpec(video, system, 10), rate))).toBeLessThanOrEqual(scored(ipa) + 1e-3);
	}
});

test("of configurations that tie, the one nearest to what runs is chosen", () => {
	// Two variants that differ in name alone: whichever runs is kept.
	const points = ["a", "b"].flatMap((variant) =>
		[1, 2].map((batch) => ({
			variant,
			accuracy_pct: 50,
			cores: 1,
			batch,
			latency_s: 0.1,
			throughput_rps: batch / 0.1,
			kind: "measured" as const,
		})),
	);
	const spec: PipelineSpec = {
		...video,
		stages: [{ name: "s", points, initial_variant: "a", initial_cores: 1 }],
		weights: { alpha: 1, beta: 1, gamma: 0, delta: 0 },
		allocation_mode: "variable",
		normalize_accuracy: false,
	};
	const running = (variant: string, batch: number): Plan => ({
		stages: [{ variant, cores: 1, batch, replicas: 1, latency_s: 0.1 }],
		accuracy: 0.5,
		cost_cores: 1,
	});
	for (const [variant, batch] of [
		["a", 1],
		["a", 2],
		["b", 1],
		["b", 2],
	] as const)
		expect(planned(spec, 5, running(variant, batch)).stages[0]).toMatchObject({ variant, batch });
});
