import type { ProfilePoint } from "../../src/pipeline/profile.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";

/**
 * A pipeline made by hand, a stage for each list of points: the paper's semantics, everything that is profiled may be
 * chosen, and a stage begins with its first point. What a test is about it gives itself.
 */
export function handPipeline(
	stages: readonly (readonly ProfilePoint[])[],
	given: Partial<PipelineSpec> = {},
): PipelineSpec {
	return {
		name: "hand",
		stages: stages.map((points, s) => {
			const [first] = points as readonly [ProfilePoint];
			return { name: `stage${s}`, points, initial_variant: first.variant, initial_cores: first.cores };
		}),
		threshold_rps: 1,
		sla_factor: 1,
		accuracy_method: "sum",
		normalize_accuracy: false,
		allocation_mode: "variable",
		only_measured_profiles: true,
		scaling_cap: 3,
		weights: { alpha: 10, beta: 1, gamma: 0, delta: 0 },
		arrival_rate_rps: 10,
		semantics: "published",
		baseline: "none",
		...given,
	};
}
