import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { optimize } from "../../src/search/optimum.js";
import { program, runPython } from "./decide.js";

interface Step {
	readonly config: Readonly<Record<string, { variant: string; cpu: number; batch: number; replicas: number }>> | null;
	readonly objective: number | null;
	readonly predicted_load: number;
}

interface Report {
	readonly timesteps: Readonly<Record<string, Step>>;
}

describe.runIf(process.env.IPA_HOME !== undefined)("IPA's simulation adapter with the method exact", () => {
	const video = JSON.parse(readFileSync(join(packageRoot, "data/derived/profiles/video.json"), "utf8")) as PipelineSpec;
	const pipeline: PipelineSpec = { ...video, weights: { ...video.weights, gamma: 0.1 }, scaling_cap: 12 };
	/** A load that rises past all that twelve replicas carry, and falls: requests in each second. */
	const workload = Array.from({ length: 100 }, (_, s) => Math.round(100 + 95 * Math.sin(s / 12)));
	const simulate = (methods: readonly string[], settings: object) =>
		runPython("simulate.py", {
			ipa_home: process.env.IPA_HOME,
			pipeline,
			workload,
			interval_s: 10,
			methods,
			config: { optimization_method: "exact", sustainable_ipa: { command: program, ...settings } },
		}) as Report[];
	const energies = pipeline.stages.flatMap(({ name, points }) =>
		points.map(({ variant, cores, batch, latency_s }) => ({
			task: name,
			variant,
			cores,
			batch,
			// A stand-in, for what the plugin does with it: no conclusion rests on it.
			energy_j_per_batch: 9 * cores ** 0.5 * latency_s,
			idle_power_w: 2,
			kind: "modelled",
		})),
	);

	test("every decision is the optimum at the load that IPA predicted", { timeout: 300_000 }, () => {
		const [report] = simulate(["exact"], { infeasible: "empty" }) as [Report];
		const steps = Object.values(report.timesteps);
		expect(steps).toHaveLength(9);
		expect(new Set(steps.map(({ predicted_load }) => predicted_load)).size).toBeGreaterThan(3);
		expect(steps.filter(({ config }) => config === null).length).toBeGreaterThan(0);
		for (const { predicted_load, objective, config } of steps) {
			const found = optimize({ ...pipeline, arrival_rate_rps: predicted_load });
			if (found.status !== "optimal") {
				expect({ objective, config }).toEqual({ objective: null, config: null });
				continue;
			}
			expect(objective).toBeCloseTo(found.configuration.objective, 9);
			for (const { stage, variant, cores, batch, replicas } of found.configuration.stages)
				expect(config?.[stage]).toMatchObject({ variant, cpu: cores, batch, replicas });
		}
	});

	test("with a weight on energy the decisions change, and no energy rises", { timeout: 300_000 }, () => {
		const [[without], [with_]] = [0, 20].map((delta) =>
			simulate(["exact"], { delta, energy_profiles: energies, infeasible: "empty" }),
		) as [[Report], [Report]];
		const stages = pipeline.stages.map((stage) => ({
			...stage,
			points: stage.points.map((point) => {
				const { energy_j_per_batch, idle_power_w } = energies.find(
					({ task, variant, cores, batch }) =>
						task === stage.name && variant === point.variant && cores === point.cores && batch === point.batch,
				) as (typeof energies)[number];
				return { ...point, energy: { energy_j_per_batch, idle_power_w, kind: "modelled" as const } };
			}),
		}));
		const at = (delta: number, rate: number) => {
			const weights = { ...pipeline.weights, delta };
			const found = optimize({ ...pipeline, stages, weights, arrival_rate_rps: rate });
			return found.status === "optimal" ? found.configuration : undefined;
		};
		let changed = 0;
		for (const [time, step] of Object.entries(with_.timesteps)) {
			const ours = at(20, step.predicted_load);
			if (ours === undefined) continue;
			expect(step.objective).toBeCloseTo(ours.objective, 9);
			const plain = at(0, step.predicted_load);
			if (ours.energy.status !== "available" || plain?.energy.status !== "available") throw new Error("no energy");
			expect(ours.energy.energy_j_per_request).toBeLessThanOrEqual(plain.energy.energy_j_per_request);
			if (JSON.stringify(step.config) !== JSON.stringify(without.timesteps[time]?.config)) changed++;
		}
		expect(changed).toBeGreaterThan(0);
	});

	test("an infeasible load and a misspelt stage stop IPA with what to do", { timeout: 300_000 }, () => {
		expect(() => simulate(["exact"], { bounds: { max_cost_cores: 0.5 } })).toThrow(/Infeasible: .*loosen the bound/);
		const misspelt = [{ ...energies[0], task: "classify" }];
		expect(() => simulate(["exact"], { energy_profiles: misspelt })).toThrow(/SettingsError: .*the task 'classify'/);
	});
});
