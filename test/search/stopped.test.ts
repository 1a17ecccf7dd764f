import { describe, expect, test } from "vitest";
import { pipelineOptions } from "../../src/pipeline/options.js";
import type { AccuracyMethod, PipelineSpec } from "../../src/pipeline/spec.js";
import { seeded } from "../../src/random.js";
import { type Bounds, optimize, optimizeUntil } from "../../src/search/optimum.js";
import { verify } from "../../src/search/verify.js";

/** Stages of options whose accuracy, cores, energy and latency have little to do with each other: hard with three bounds. */
function hard(
	stages: number,
	options: number,
	method: AccuracyMethod,
	seed: number,
): { spec: PipelineSpec; bounds: Bounds } {
	const random = seeded(seed);
	const spec: PipelineSpec = {
		name: `${stages} x ${options}, ${method}`,
		stages: Array.from({ length: stages }, (_, s) => ({
			name: `s${s}`,
			initial_variant: "v0",
			initial_cores: 1,
			points: Array.from({ length: options }, (_, v) => ({
				variant: `v${v}`,
				accuracy_pct: 30 + 65 * random(),
				cores: 1 + Math.floor(16 * random()),
				batch: 1,
				latency_s: 0.01 + 0.09 * random(),
				throughput_rps: 1000,
				kind: "measured" as const,
				energy: { energy_j_per_batch: 0.5 + 3 * random(), idle_power_w: 0, kind: "measured" as const },
			})),
		})),
		threshold_rps: 1,
		sla_factor: 1,
		sla_s: stages * 0.035,
		accuracy_method: method,
		normalize_accuracy: false,
		allocation_mode: "variable",
		only_measured_profiles: true,
		scaling_cap: 1,
		weights: { alpha: method === "product" ? 200 : 20, beta: 0.5, gamma: 0, delta: 0.1 },
		arrival_rate_rps: 20,
		semantics: "published",
		baseline: "none",
	};
	const bounds = {
		max_cost_cores: 4 * stages,
		max_energy_j_per_request: 1.5 * stages,
		min_accuracy: { sum: 0.6 * stages, average: 0.6, product: 0.55 ** stages }[method],
	};
	return { spec, bounds };
}

const methods = ["sum", "average", "product"] as const;

describe("a search that is stopped", () => {
	test.each(methods)("%s: what it has is feasible, and the optimum lies between it and the bound", (method) => {
		let stopped = 0;
		for (const seed of [1, 2, 3, 4]) {
			const { spec, bounds } = hard(6, 20, method, seed);
			const whole = optimize(spec, { bounds });
			if (whole.status !== "optimal") throw new Error(whole.detail);
			const best = whole.configuration.objective;
			for (const asks of [0, 1, 3]) {
				let asked = 0;
				const cut = optimizeUntil(spec, { bounds, stop: () => asked++ >= asks });
				if (cut.status === "infeasible") throw new Error(cut.detail);
				if (cut.status === "optimal") {
					expect(cut.configuration.objective).toBe(best);
					continue;
				}
				stopped++;
				expect(cut.unfinished).toEqual(["optimum"]);
				expect(cut.bound).toBeGreaterThanOrEqual(best - 1e-9 * Math.abs(best));
				if (cut.configuration === undefined) continue;
				expect(verify(pipelineOptions(spec), cut.configuration, bounds)).toEqual([]);
				expect(cut.configuration.objective).toBeLessThanOrEqual(best + 1e-9 * Math.abs(best));
				expect(cut.gap).toBeCloseTo(cut.bound - cut.configuration.objective, 9);
			}
		}
		expect(stopped).toBeGreaterThan(0);
	});

	test("while it looks for the k best: the best is known, and the gap is 0", () => {
		const { spec } = hard(6, 20, "sum", 1);
		const found = optimizeUntil(spec, { k: 5000, ties: true, stop: () => true });
		expect(found).toMatchObject({ status: "stopped", gap: 0 });
		if (found.status !== "stopped") return;
		expect(found.unfinished).toContain("best");
		expect(found.configuration?.objective).toBe(found.bound);
	});

	test("nothing is feasible: said so where it is proven, and what there was no time for too", () => {
		const { spec } = hard(6, 20, "sum", 1);
		const bounds = { max_cost_cores: 12, max_energy_j_per_request: 6, min_accuracy: 5 };
		const whole = optimize(spec, { bounds });
		expect(whole).toMatchObject({ status: "infeasible", bound: "combination" });
		expect(["infeasible", "stopped"]).toContain(optimizeUntil(spec, { bounds, stop: () => true }).status);
	});
});

describe("searches that took long are exact within seconds", () => {
	const within = (spec: PipelineSpec, bounds: Bounds, seconds: number) => {
		const begun = process.cpuUsage();
		const found = optimize(spec, { bounds });
		const { user, system } = process.cpuUsage(begun);
		expect((user + system) / 1e6, spec.name).toBeLessThan(seconds);
		if (found.status === "optimal") expect(verify(pipelineOptions(spec), found.configuration, bounds)).toEqual([]);
	};

	test.each(methods)("three bounds at 8 x 20, %s", (method) => {
		for (const seed of [1, 2]) {
			const { spec, bounds } = hard(8, 20, method, seed);
			within(spec, bounds, 10);
		}
	});

	test("a product of 20 x 20", () => {
		for (const seed of [1, 2, 3]) within(hard(20, 20, "product", seed).spec, {}, 5);
	});
});
