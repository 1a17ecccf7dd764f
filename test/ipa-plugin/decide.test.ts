import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import type { AllocationMode, PipelineSpec } from "../../src/pipeline/spec.js";
import { type Optimum, optimize } from "../../src/search/optimum.js";
import { spaceSize } from "../../src/search/space.js";
import { pipelines } from "../search/pipelines.js";
import { type Case, decide, type Table } from "./decide.js";

describe.runIf(process.env.IPA_HOME !== undefined)("IPA's own Optimizer with the method exact", () => {
	const ipaHome = process.env.IPA_HOME as string;
	const modes: readonly AllocationMode[] = ["variable", "base", "fix"];

	/** As IPA needs it: every variant on the same allocations (here 1 and 3 cores), variants named apart by stage. */
	const complete = (given: PipelineSpec, i: number): PipelineSpec => ({
		...given,
		allocation_mode: modes[i % 3] as AllocationMode,
		only_measured_profiles: given.weights.delta > 0 || i % 2 === 0,
		stages: given.stages.map((stage) => ({
			...stage,
			initial_variant: `${stage.name}-v0`,
			initial_cores: 1,
			points: [1, 3].flatMap((cores) =>
				stage.points.map(({ energy, ...point }) => {
					const latency_s = point.latency_s / cores ** 0.8;
					return {
						...point,
						variant: `${stage.name}-${point.variant}`,
						cores,
						latency_s,
						throughput_rps: point.batch / latency_s,
						...(energy === undefined || given.weights.delta === 0
							? {}
							: { energy: { ...energy, energy_j_per_batch: energy.energy_j_per_batch * cores ** 0.3 } }),
					};
				}),
			),
		})),
	});

	const shapes = pipelines({ stages: 3, variants: 3, batches: [1, 2, 4], cap: 2, energy: true });
	const random = fc
		.sample(shapes, { numRuns: Number(process.env.IPA_RUNS ?? 200), seed: 6 })
		.map((given, i) => complete(given, i));

	/** Settings as the plugin has them: what of a pipeline IPA does not know. */
	const settings = ({ weights, semantics, stages }: PipelineSpec) => ({
		delta: weights.delta,
		semantics,
		...(weights.delta === 0
			? {}
			: {
					energies: stages.flatMap(({ name, points }) =>
						points.map(({ variant, cores, batch, energy }) => ({ task: name, variant, cores, batch, energy })),
					),
				}),
	});

	const attempt = (spec: PipelineSpec): Optimum | { status: "error"; message: string } => {
		try {
			return optimize(spec);
		} catch (error) {
			return { status: "error", message: (error as Error).message };
		}
	};

	const small = (spec: PipelineSpec): boolean => {
		try {
			return spaceSize(pipelineOptions(spec)).rows <= 20_000;
		} catch {
			return true;
		}
	};

	test("200 random pipelines: our optimum, and on the small ones that of IPA's own enumeration", {
		timeout: 600_000,
	}, () => {
		// By settings, so that those alike share one process.
		const cases = random
			.map(
				(pipeline): Case => ({
					pipeline,
					settings: settings(pipeline),
					enumerate: pipeline.semantics === "ipa-e1f08dd" && pipeline.weights.delta === 0 && small(pipeline),
				}),
			)
			.sort((a, b) => (JSON.stringify(a.settings) < JSON.stringify(b.settings) ? -1 : 1));
		const seen = { optimal: 0, infeasible: 0, error: 0, enumerated: 0, energy: 0 };
		for (const [i, decision] of decide(ipaHome, cases).entries()) {
			const { pipeline } = cases[i] as Case;
			const ours = attempt(pipeline);
			seen[ours.status]++;
			const { exact, enumerated, state } = decision;
			if (ours.status === "optimal") {
				if ("error" in exact) throw new Error(exact.message);
				const [row] = exact.rows;
				const { objective, latency_s, throughput_rps, stages, energy } = ours.configuration;
				expect(row?.objective).toBeCloseTo(objective, 9);
				// IPA's own figures of the state that the decision left it in.
				const waits_s =
					pipeline.semantics === "published"
						? stages.reduce((sum, _, s) => sum + (Number(row?.[`task_${s}_batch`]) - 1) / pipeline.arrival_rate_rps, 0)
						: 0;
				expect(state?.throughput_rps).toBeGreaterThanOrEqual(pipeline.arrival_rate_rps);
				expect(throughput_rps).toBeGreaterThanOrEqual(pipeline.arrival_rate_rps);
				expect((state?.latency_s as number) + waits_s).toBeLessThanOrEqual(
					pipelineOptions(pipeline).sla_s * (1 + 1e-12),
				);
				expect(latency_s).toBeLessThanOrEqual(pipelineOptions(pipeline).sla_s * (1 + 1e-12));
				const { delta } = pipeline.weights;
				if (delta > 0) {
					expect(energy.status).toBe("available");
					seen.energy++;
				}
				expect(
					(state?.objective as number) - (delta === 0 ? 0 : delta * Number(row?.energy_j_per_request)),
				).toBeCloseTo(objective, 9);
			} else expect(exact).toHaveProperty("error", ours.status === "infeasible" ? "Infeasible" : "UnsupportedPipeline");
			if (enumerated === undefined) continue;
			seen.enumerated++;
			if ("error" in enumerated) expect(ours.status).toBe("error");
			else if (ours.status === "optimal")
				expect(Math.max(...enumerated.objective)).toBeCloseTo(ours.configuration.objective, 9);
			else expect(enumerated.objective).toEqual([]);
		}
		// The sample says something only where it has all of these: in the 200 each is above 10, and as a share of fewer.
		if (random.length >= 40)
			for (const count of [seen.optimal, seen.infeasible, seen.enumerated, seen.energy])
				expect(count).toBeGreaterThan(random.length / 20);
		expect(seen.optimal + seen.infeasible + seen.error).toBe(random.length);
	});

	// Where the SLA is slack, what IPA's Gurobi model does to its queueing term decides nothing.
	const video = {
		...(JSON.parse(readFileSync(join(packageRoot, "data/derived/profiles/video.json"), "utf8")) as PipelineSpec),
		arrival_rate_rps: 20,
		scaling_cap: 10,
		// gamma as large as this, for Gurobi stops within 1e-4 of the optimum: a smaller one says nothing about batches.
		weights: { alpha: 2, beta: 1, gamma: 0.1, delta: 0 },
	};
	const published = { semantics: "published" };

	test.for([
		["as IPA has it", {}, {}],
		["complete profiles", {}, { complete: true }],
		["batches of at most 4", {}, { batching_cap: 4 }],
		["switching alone", { baseline: "switch", arrival_rate_rps: 2 }, {}],
		["scaling alone", { baseline: "scale" }, {}],
		["the product of accuracies", { accuracy_method: "product" }, { complete: true }],
		["an average of accuracies as they are", { accuracy_method: "average", normalize_accuracy: false }, {}],
		["nothing is feasible", { arrival_rate_rps: 5000 }, {}],
	] as const)(
		"the table is that of IPA's Gurobi method, columns and values: %s",
		{ timeout: 600_000 },
		([, spec, asked], { skip }) => {
			const [decision] = decide(ipaHome, [
				{ pipeline: { ...video, ...spec }, settings: { ...published, infeasible: "empty" }, gurobi: true, ...asked },
			]);
			const { exact, gurobi } = decision as { exact: Table; gurobi?: Table };
			if (gurobi === undefined) return skip("gurobipy is not installed for this Python");
			if ("error" in exact || "error" in gurobi) throw new Error(JSON.stringify({ exact, gurobi }));
			expect(exact.columns).toEqual(gurobi.columns);
			expect(exact.rows).toHaveLength(gurobi.rows.length);
			for (const [i, row] of gurobi.rows.entries())
				for (const [column, value] of Object.entries(row)) {
					const ours = exact.rows[i]?.[column];
					if (typeof value === "number") expect(ours, column).toBeCloseTo(value, 6);
					else expect(ours, column).toBe(value);
				}
		},
	);
});
