import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/adaptation/adapt.js";
import {
	decider,
	initialPlan,
	type System,
	settingsIn,
	standardSystems,
	systemSpec,
} from "../../src/adaptation/systems.js";
import { packageRoot } from "../../src/datasets/root.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { optimize } from "../../src/search/optimum.js";

const video = JSON.parse(readFileSync(join(packageRoot, "data/derived/profiles/video.json"), "utf8")) as PipelineSpec;
const as = (name: string, given = video) => {
	const system = standardSystems.find((own) => own.name === name) as System;
	return systemSpec(given, name, settingsIn(system, undefined));
};
const planned = (spec: PipelineSpec, rate: number, current?: Plan) => {
	const decision = decider(spec)(rate, current);
	if (decision.status !== "decided") throw new Error(decision.reason);
	return decision.plan;
};
const variants = ({ stages }: Plan) => stages.map(({ variant }) => variant);

test("FA2 keeps the lightest or the heaviest variants, RIM the replicas, whatever the load", () => {
	for (const rate of [3, 12, 25]) {
		expect(variants(planned(as("fa2-low"), rate))).toEqual(["yolov5n", "resnet18"]);
		expect(variants(planned(as("fa2-high"), rate))).toEqual(["yolov5x", "resnet152"]);
		expect(planned(as("rim"), rate).stages.map(({ replicas }) => replicas)).toEqual([10, 10]);
	}
});

test("IPA decides by the exact optimum, and no baseline beats its objective", () => {
	const { alpha, beta } = video.weights;
	const scored = (plan: Plan) => alpha * plan.accuracy - beta * plan.cost_cores;
	for (const rate of [3, 12, 25]) {
		const ipa = planned(as("ipa"), rate);
		const found = optimize({ ...video, arrival_rate_rps: rate });
		expect(found.status === "optimal" ? found.configuration.cost_cores : 0).toBe(ipa.cost_cores);
		for (const system of ["fa2-low", "fa2-high", "rim"] as const)
			expect(scored(planned(as(system), rate))).toBeLessThanOrEqual(scored(ipa) + 1e-3);
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

test("of equal optima the rule decides: the nearest to what runs, the most accurate, or the cheapest", () => {
	// 10 x rank - core: the second variant is worth 10 more and costs 10 cores more.
	const points = [
		{ variant: "small", accuracy_pct: 50, cores: 1 },
		{ variant: "large", accuracy_pct: 60, cores: 11 },
	].map((own) => ({ ...own, batch: 1, latency_s: 0.1, throughput_rps: 10, kind: "measured" as const }));
	const spec: PipelineSpec = {
		...video,
		stages: [{ name: "s", points, initial_variant: "small", initial_cores: 1 }],
		weights: { alpha: 10, beta: 1, gamma: 0, delta: 0 },
		allocation_mode: "variable",
		normalize_accuracy: true,
		sla_factor: 100,
	};
	const chosen = (rule: "fewest-changes" | "most-accurate" | "cheapest", variant: string) => {
		const decision = decider(spec, rule)(
			5,
			initialPlan({ ...spec, stages: [{ ...spec.stages[0], initial_variant: variant } as never] }),
		);
		return decision.status === "decided" ? variants(decision.plan) : decision.reason;
	};
	expect(["small", "large"].map((running) => chosen("fewest-changes", running))).toEqual([["small"], ["large"]]);
	expect(["small", "large"].map((running) => chosen("most-accurate", running))).toEqual([["large"], ["large"]]);
	expect(["small", "large"].map((running) => chosen("cheapest", running))).toEqual([["small"], ["small"]]);
});

describe("records", () => {
	test("a window's settings stand in place of the others, weights and margins one by one", () => {
		const system: System = {
			name: "own",
			mode: "switch",
			replicas: 3,
			weights: { alpha: 2, beta: 1 },
			windows: { bursty: { replicas: [4, 5], weights: { beta: 0.1 } } },
		};
		expect(settingsIn(system, "steady_low")).toMatchObject({ replicas: 3, weights: { alpha: 2, beta: 1 } });
		expect(settingsIn(system, "bursty")).toMatchObject({
			mode: "switch",
			replicas: [4, 5],
			weights: { alpha: 2, beta: 0.1 },
		});
	});

	test("a setting that does not fit the pipeline is named", () => {
		const fault = (settings: Parameters<typeof systemSpec>[2]) => () => systemSpec(video, "own", settings);
		expect(fault({ replicas: [1, 2, 3] })).toThrow("system own, replicas: must have 2 entries, one a stage of video");
		expect(fault({ variants: ["yolov5n", "resnet50x"] })).toThrow("must have a variant of stage classification");
		expect(fault({ base_allocations: { cropp: {} } })).toThrow("base_allocations.cropp: must be a stage of video");
		const given = { ...video, stages: video.stages.map((stage) => ({ ...stage, base_allocations: {} })) };
		expect(() => systemSpec(given, "own", { threshold_rps: 9 })).toThrow("must come with base_allocations");
	});

	test("what runs at the start: the initial variants and replicas on the initial cores, in the smallest batches", () => {
		const plan = initialPlan(
			systemSpec(video, "own", { variants: ["yolov5s", "resnet50"], replicas: [2, 3], cores: [4, 1] }),
		);
		expect(plan.stages).toMatchObject([
			{ variant: "yolov5s", cores: 4, batch: 1, replicas: 2 },
			{ variant: "resnet50", cores: 1, batch: 1, replicas: 3 },
		]);
		// Ranks 1 of 4 and 2 of 4.
		expect([plan.cost_cores, plan.accuracy]).toEqual([11, 0.75]);
	});
});
