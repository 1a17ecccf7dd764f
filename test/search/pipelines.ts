import fc from "fast-check";
import type { ProfilePoint } from "../../src/pipeline/profile.js";
import type { AccuracyMethod, PipelineSpec } from "../../src/pipeline/spec.js";

interface Shape {
	stages: number;
	variants: number;
	batches: readonly number[];
	cap: number;
	energy?: boolean;
}

/** Random pipelines whose SLA, rate and weights let some, all or no configurations through. */
export function pipelines({ stages, variants, batches, cap, energy = false }: Shape): fc.Arbitrary<PipelineSpec> {
	const point = fc.record({
		speed: fc.double({ min: 0.2, max: 3, noNaN: true }),
		power: fc.double({ min: 5, max: 60, noNaN: true }),
	});
	const variant = fc.record({
		accuracy: fc.integer({ min: 1, max: 99 }),
		size: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
		cores: fc.integer({ min: 1, max: 8 }),
		points: fc.array(point, { minLength: batches.length, maxLength: batches.length }),
	});
	const stage = fc.array(variant, { minLength: 1, maxLength: variants });
	return fc
		.record({
			stages: fc.array(stage, { minLength: 1, maxLength: stages }),
			method: fc.constantFrom<AccuracyMethod>("sum", "average", "product"),
			normalize: fc.boolean(),
			alpha: fc.constantFrom(0, 1, 10, 200),
			beta: fc.constantFrom(0, 0.5, 1),
			gamma: fc.constantFrom(0, 1e-6, 0.1),
			delta: energy ? fc.constantFrom(0, 0.1, 5) : fc.constant(0),
			rate: fc.constantFrom(0.5, 3, 10, 31),
			factor: fc.constantFrom(0.2, 0.5, 1, 3),
			published: fc.boolean(),
		})
		.map(
			(given): PipelineSpec => ({
				name: "random",
				stages: given.stages.map((own, s) => ({
					name: `stage${s}`,
					initial_variant: "v0",
					initial_cores: 1,
					points: own.flatMap(({ accuracy, size, cores, points }, v) =>
						batches.map((batch, b): ProfilePoint => {
							const { speed, power } = points[b] as { speed: number; power: number };
							const latency_s = size * speed * batch ** 0.8;
							return {
								variant: `v${v}`,
								accuracy_pct: accuracy,
								cores,
								batch,
								latency_s,
								throughput_rps: batch / latency_s,
								kind: "measured",
								...(energy
									? { energy: { energy_j_per_batch: power * latency_s, idle_power_w: 3, kind: "measured" as const } }
									: {}),
							};
						}),
					),
				})),
				threshold_rps: 1,
				sla_factor: given.factor,
				accuracy_method: given.method,
				normalize_accuracy: given.normalize,
				allocation_mode: "variable",
				only_measured_profiles: true,
				scaling_cap: cap,
				weights: { alpha: given.alpha, beta: given.beta, gamma: given.gamma, delta: given.delta },
				arrival_rate_rps: given.rate,
				semantics: given.published ? "published" : "ipa-e1f08dd",
				baseline: "none",
			}),
		);
}
