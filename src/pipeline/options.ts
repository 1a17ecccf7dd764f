import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import { joulesPerKilowattHour, type Kind } from "../units.js";
import { baseAllocations } from "./allocation.js";
import type { ProfileEnergy, ProfilePoint } from "./profile.js";
import { regressed } from "./regression.js";
import { checkSpec, type Margins, type PipelineSpec, type Prices, type Semantics, type Weights } from "./spec.js";

/**
 * Weights whose delta follows from prices. beta is what the objective gives for a core, and a core costs
 * `eur_per_core_hour`; so a euro per hour is worth beta / eur_per_core_hour. A joule per request at a rate r costs
 * r x 3600 x pue / 3.6e6 x eur_per_kwh euros per hour. Hence
 *
 *     delta = beta / eur_per_core_hour x eur_per_kwh x pue x 3600 r / 3.6e6
 *
 * which rises with the rate: the same joules are spent more often.
 *
 * @example
 * // beta 1, 0.04 EUR a core-hour, 0.30 EUR/kWh, 100 requests/s: 1 J per request is 100 W, 0.03 EUR/h, 0.75 cores
 * pricedWeights({ alpha: 2, beta: 1, gamma: 0, delta: 0 }, { eur_per_kwh: 0.3, eur_per_core_hour: 0.04 }, 100).delta; // 0.75
 */
export function pricedWeights(
	weights: Weights,
	{ eur_per_kwh, eur_per_core_hour, pue = 1 }: Prices,
	rate_rps: number,
): Weights {
	const eurPerHour = (rate_rps * 3600 * pue * eur_per_kwh) / joulesPerKilowattHour;
	return { ...weights, delta: (weights.beta / eur_per_core_hour) * eurPerHour };
}

/**
 * Accuracy of each variant as the objective uses it: percent / 100, or, normalised, its rank by rising accuracy over
 * the number of variants less one (1 for a single variant). Equal accuracies are ranked by the variants' names, as IPA
 * ranks them.
 *
 * @param lowest accuracy of the lowest of several ranks
 */
export function variantAccuracies(
	points: readonly ProfilePoint[],
	normalize: boolean,
	lowest = 0,
): ReadonlyMap<string, number> {
	const variants = [...groupBy(points, ({ variant }) => variant)].map(
		([variant, own]) => [variant, (own[0] as ProfilePoint).accuracy_pct] as const,
	);
	if (!normalize) return new Map(variants.map(([variant, percent]) => [variant, percent / 100]));
	const ranked = [...variants].sort(([name, a], [other, b]) => a - b || (name < other ? -1 : 1));
	return new Map(
		ranked.map(([variant], rank) => [
			variant,
			ranked.length === 1 ? 1 : rank === 0 ? lowest : rank / (ranked.length - 1),
		]),
	);
}

/**
 * SLA of a stage, s: 5 x sla_factor x the mean over its variants of the latency of the smallest batch under the variant's
 * last allocation, allocations being in the order of their first appearance. Where points stand in another order than
 * IPA's (batches rising within an allocation), it is still that latency.
 */
export function stageSla(points: readonly ProfilePoint[], sla_factor: number): number {
	const variants = [...groupBy(points, ({ variant }) => variant).values()];
	const latencies = variants.map((own) => {
		const last = [...groupBy(own, ({ cores }) => cores).values()].at(-1) as readonly ProfilePoint[];
		return last.reduce((first, point) => (point.batch < first.batch ? point : first)).latency_s;
	});
	return (5 * sla_factor * latencies.reduce((sum, latency) => sum + latency, 0)) / latencies.length;
}

/**
 * Queueing delay of a stage, s: a request waits at worst until the other batch - 1 requests have come, (batch - 1) /
 * rate; 0 at rate 0. The semantics `ipa-e1f08dd` has none.
 */
export function queueing(semantics: Semantics, batch: number, arrival_rate_rps: number): number {
	return semantics === "ipa-e1f08dd" || arrival_rate_rps === 0 ? 0 : (batch - 1) / arrival_rate_rps;
}

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
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * pipeline.pipelineOptions(spec).stages.map(({ name }) => name); // → ["crop", "classification"]
 * pipeline.pipelineOptions({ ...spec, scaling_cap: 0 }); // throws "scaling_cap: must be a whole number of 1 or more"
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
