import { InputError } from "../errors.js";
import type { Kind } from "../units.js";
import { variantAccuracies } from "./accuracy.js";
import { baseAllocations } from "./allocation.js";
import { pricedWeights } from "./prices.js";
import type { ProfileEnergy, ProfilePoint } from "./profile.js";
import { queueing } from "./queueing.js";
import { regressed } from "./regression.js";
import { stageSla } from "./sla.js";
import { checkSpec, type Margins, type PipelineSpec } from "./spec.js";

/** What a stage can run: a variant with an allocation and a batch size; the replicas are chosen on top. */
export interface StageOption {
	readonly variant: string;
	readonly cores: number;
	readonly batch: number;
	/** Latency of a batch that the SLA is held to, margin included, s. */
	readonly latency_s: number;
	/** Time that a batch keeps its replica busy, s: see `serviceTime`. */
	readonly service_s: number;
	/** Queueing delay by the spec's semantics, s. */
	readonly queueing_s: number;
	/** Of one replica, margin included. */
	readonly throughput_rps: number;
	/** As the objective uses it: 0..1. */
	readonly accuracy: number;
	readonly kind: Kind;
	readonly energy?: ProfileEnergy;
}

export interface StageOptions {
	readonly name: string;
	readonly sla_s: number;
	readonly options: readonly StageOption[];
	/** Replicas that may be chosen, from, to. */
	readonly replicas: readonly [number, number];
}

/** A pipeline with everything that can be chosen worked out. */
export interface PipelineOptions {
	/** As given, but for weights.delta where prices give it. */
	readonly spec: PipelineSpec;
	readonly stages: readonly StageOptions[];
	readonly sla_s: number;
}

/**
 * Time that a batch keeps its replica busy, s, from its profile without margins: batch / throughput. The latency is a
 * tail (p99), which batches do not take on the mean; it bounds the time, since a throughput that the profiling load
 * bounded says too little of how fast the replica is.
 */
export function serviceTime({ batch, throughput_rps, latency_s }: ProfilePoint): number {
	return Math.min(batch / throughput_rps, latency_s);
}

/**
 * Works out what a pipeline can run: profile mode, SLAs, allocation mode and baseline applied.
 *
 * @throws InputError naming the field of a spec that breaks a rule, or the stage that is left with nothing to run
 * @throws BaseAllocationError where a variant has no base allocation
 */
export function pipelineOptions(given: PipelineSpec): PipelineOptions {
	checkSpec(given);
	const spec: PipelineSpec =
		given.prices === undefined
			? given
			: { ...given, weights: pricedWeights(given.weights, given.prices, given.arrival_rate_rps) };
	const stages = spec.stages.map((stage, s): StageOptions => {
		const unmargined = spec.only_measured_profiles ? stage.points : regressed(stage.points);
		const points = withMargins(unmargined, spec.margins);
		const sla_s = stageSla(points, spec.sla_factor);
		const accuracies = variantAccuracies(points, spec.normalize_accuracy, spec.lowest_accuracy);
		const allocated =
			spec.allocation_mode !== "base"
				? undefined
				: stage.base_allocations === undefined
					? baseAllocations(points, spec.threshold_rps, sla_s)
					: new Map(Object.entries(stage.base_allocations));
		const options = points
			.map((point, p) => ({ ...point, service_s: serviceTime(unmargined[p] as ProfilePoint) }))
			.filter(({ cores, variant, batch }) => {
				if (spec.semantics === "published" && batch > (spec.batching_cap ?? batch)) return false;
				if (spec.baseline === "scale" && variant !== stage.initial_variant) return false;
				if (spec.allocation_mode === "fix") return cores === stage.initial_cores;
				return allocated === undefined || allocated.get(variant) === cores;
			})
			.map(
				({ variant, cores, batch, latency_s, service_s, throughput_rps, kind, energy }): StageOption => ({
					variant,
					cores,
					batch,
					latency_s,
					service_s,
					queueing_s: queueing(spec.semantics, batch, spec.arrival_rate_rps),
					throughput_rps,
					accuracy: accuracies.get(variant) as number,
					kind,
					...(energy === undefined ? {} : { energy }),
				}),
			);
		if (options.length === 0) throw nothingToRun(spec, s);
		const initial = stage.initial_replicas ?? 1;
		return {
			name: stage.name,
			sla_s,
			options,
			replicas: spec.baseline === "switch" ? [initial, initial] : [1, spec.scaling_cap],
		};
	});
	return { spec, stages, sla_s: spec.sla_s ?? stages.reduce((sum, { sla_s }) => sum + sla_s, 0) };
}

function withMargins(
	points: readonly ProfilePoint[],
	{ throughput_pct = 0, latency_pct = 0 }: Margins = {},
): readonly ProfilePoint[] {
	if (throughput_pct === 0 && latency_pct === 0) return points;
	return points.map((point) => ({
		...point,
		latency_s: point.latency_s * (1 + latency_pct / 100),
		throughput_rps: point.throughput_rps * (1 + throughput_pct / 100),
	}));
}

function nothingToRun(spec: PipelineSpec, s: number): InputError {
	const { name, initial_variant, initial_cores } = spec.stages[s] as PipelineSpec["stages"][number];
	const wanted = [
		...(spec.baseline === "scale" ? [`of its initial variant ${initial_variant} (baseline scale)`] : []),
		...(spec.allocation_mode === "fix" ? [`on its initial ${initial_cores} cores (allocation_mode fix)`] : []),
		...(spec.allocation_mode === "base" ? ["on a base allocation"] : []),
		...(spec.batching_cap === undefined ? [] : [`within batching_cap ${spec.batching_cap}`]),
	];
	return new InputError({
		file: `pipeline ${spec.name}`,
		field: `stages.${s} (${name})`,
		rule: `must have a profile point ${wanted.join(", ")}`,
	});
}
