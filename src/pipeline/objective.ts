import { stageEnergy } from "./energy.js";
import type { PipelineOptions, StageOption, StageOptions } from "./options.js";
import type { AccuracyMethod, PipelineSpec, Weights } from "./spec.js";

/** alpha x accuracy - beta x cost - gamma x batches - delta x energy; energy has no part where delta is 0. */
export function objectiveValue(
	{ alpha, beta, gamma, delta }: Weights,
	accuracy: number,
	cost_cores: number,
	batches: number,
	energy_j_per_request: number,
): number {
	return alpha * accuracy - beta * cost_cores - gamma * batches - (delta === 0 ? 0 : delta * energy_j_per_request);
}

/** Accuracy of a pipeline from its stages' by the named method, for any number of stages. */
export function pipelineAccuracy(method: AccuracyMethod, stages: readonly number[]): number {
	if (method === "product") return stages.reduce((product, accuracy) => product * accuracy, 1);
	const sum = stages.reduce((total, accuracy) => total + accuracy, 0);
	return method === "average" ? sum / stages.length : sum;
}

/** A limit on a whole configuration's latency, summed stage by stage. */
export interface LatencyLimit {
	readonly latency_s: number;
	/** The limit itself is not allowed (the SLA in IPA's enumeration). */
	readonly strict: boolean;
}

/** The pipeline's SLA as its semantics hold it. */
export function slaLimit({ spec, sla_s }: Pick<PipelineOptions, "spec" | "sla_s">): LatencyLimit {
	return { latency_s: sla_s, strict: spec.semantics === "ipa-e1f08dd" };
}

/** Is a latency over the limit? */
export function misses(latency_s: number, { latency_s: limit, strict }: LatencyLimit): boolean {
	return strict ? latency_s >= limit : latency_s > limit;
}

/** What the sums of a choice must keep. */
export interface Limits extends LatencyLimit {
	readonly cost_cores: number;
	readonly energy_j: number;
	/** Least, not most; as the objective counts it, so that an average is divided. */
	readonly accuracy: number;
}

/** What a choice for some of the stages comes to: all that the objective and its limits are made of. */
export interface Sums {
	/** Model latencies and queueing, s. */
	readonly latency_s: number;
	/** Product of the stages' accuracies, or their sum: of an average, before it is divided. */
	readonly accuracy: number;
	readonly cost_cores: number;
	/** J per request at the arrival rate; 0 where an option has no energy, so that it must have no part in the choice. */
	readonly energy_j: number;
	/** beta x cost + gamma x batches + delta x energy: what the objective loses. */
	readonly penalty: number;
}

/** A stage's option, by its index, with its replicas: what a search combines. */
export interface Item extends Sums {
	readonly option: number;
	readonly replicas: number;
	/** Logarithm of its accuracy. */
	readonly log: number;
}

/** What an option with its replicas adds. */
export function itemOf(
	{ weights, arrival_rate_rps: rate }: PipelineSpec,
	{ batch, cores, energy, latency_s, queueing_s, service_s, accuracy }: StageOption,
	option: number,
	replicas: number,
): Item {
	const cost_cores = cores * replicas;
	const energy_j =
		energy === undefined || rate === 0
			? 0
			: stageEnergy(energy, { latency_s: service_s, batch, replicas }, rate).energy_j_per_request;
	return {
		option,
		replicas,
		latency_s: latency_s + queueing_s,
		accuracy,
		log: Math.log(accuracy),
		cost_cores,
		energy_j,
		penalty: -objectiveValue(weights, 0, cost_cores, batch, energy_j),
	};
}

/**
 * Fewest replicas whose throughput carries a rate: the least n >= 1 with n x throughput >= rate in floating point, or
 * Infinity where n would be too large to be counted (2^53).
 */
export function fewestReplicas(throughput_rps: number, rate_rps: number): number {
	let n = Math.max(1, Math.ceil(rate_rps / throughput_rps));
	if (!Number.isSafeInteger(n)) return Number.POSITIVE_INFINITY;
	while (n > 1 && (n - 1) * throughput_rps >= rate_rps) n--;
	while (n * throughput_rps < rate_rps) n++;
	return n;
}

/**
 * Items of a stage that carry the arrival rate, each option with the fewest replicas that do: more of them never help, since
 * cost, and energy (idle power >= 0), only rise with their number while latency and accuracy stay.
 */
export function stageItems({ spec }: PipelineOptions, { options, replicas: [from, to] }: StageOptions): Item[] {
	return options.flatMap((option, index) => {
		const fewest = Math.max(from, fewestReplicas(option.throughput_rps, spec.arrival_rate_rps));
		return fewest > to ? [] : [itemOf(spec, option, index, fewest)];
	});
}

/** How sums are added up, and what they are worth. */
export interface Objective {
	/** Accuracies are multiplied. */
	readonly product: boolean;
	/** 1 / stages for an average of accuracies, else 1. */
	readonly scale: number;
	/** Of a sum (or product) of accuracies in the objective: alpha x scale. */
	readonly weight: number;
	/** Of no stage. */
	readonly none: Sums;
	readonly plus: (a: Sums, b: Sums) => Sums;
	readonly of: (sums: Sums) => number;
}

/** The objective of a pipeline over sums. */
export function objectiveOf({ accuracy_method, weights, stages }: PipelineSpec): Objective {
	const product = accuracy_method === "product";
	const scale = accuracy_method === "average" ? 1 / stages.length : 1;
	const weight = weights.alpha * scale;
	return {
		product,
		scale,
		weight,
		none: { latency_s: 0, accuracy: product ? 1 : 0, cost_cores: 0, energy_j: 0, penalty: 0 },
		plus: (a, b) => ({
			latency_s: a.latency_s + b.latency_s,
			accuracy: product ? a.accuracy * b.accuracy : a.accuracy + b.accuracy,
			cost_cores: a.cost_cores + b.cost_cores,
			energy_j: a.energy_j + b.energy_j,
			penalty: a.penalty + b.penalty,
		}),
		of: ({ accuracy, penalty }) => weight * accuracy - penalty,
	};
}

/** Rounding of sums may not drop a choice that ties. */
export function tolerance(value: number): number {
	return 1e-9 * Math.max(1, Math.abs(value));
}

/** What the stages from one on come to at least and at most, each sum for itself. */
export interface Range {
	readonly least: Sums;
	readonly most: Sums;
	readonly mostLog: number;
}

/** Of each stage and those after it; at the end, of none. */
export function rangesOf(stages: readonly (readonly Item[])[], { none, plus }: Objective): Range[] {
	const ranges: Range[] = [{ least: none, most: none, mostLog: Math.log(none.accuracy) }];
	for (const stage of stages.toReversed()) {
		const most = plus(ranges.at(-1)!.most, extreme(stage, Math.max));
		const least = plus(ranges.at(-1)!.least, extreme(stage, Math.min));
		ranges.push({ least, most, mostLog: Math.log(most.accuracy) });
	}
	return ranges.reverse();
}

/** The least (or most) of each sum among a stage's items, of which there is one. */
export function extreme(stage: readonly Item[], pick: (a: number, b: number) => number): Sums {
	return stage.reduce<Sums>(
		(found, item) => ({
			latency_s: pick(found.latency_s, item.latency_s),
			accuracy: pick(found.accuracy, item.accuracy),
			cost_cores: pick(found.cost_cores, item.cost_cores),
			energy_j: pick(found.energy_j, item.energy_j),
			penalty: pick(found.penalty, item.penalty),
		}),
		stage[0]!,
	);
}
