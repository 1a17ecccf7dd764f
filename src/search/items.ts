import { stageEnergy } from "../pipeline/energy.js";
import type { PipelineOptions, StageOption, StageOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";

/** A stage's option with its replicas: what the search combines. */
export interface Item {
	readonly option: number;
	readonly replicas: number;
	/** Model latency and queueing, s. */
	readonly latency_s: number;
	readonly accuracy: number;
	readonly cost_cores: number;
	readonly batch: number;
	/** J per request at the arrival rate; undefined where the option has no energy. */
	readonly energy_j: number | undefined;
	/** beta x cost + gamma x batch + delta x energy: what the objective loses by this item. */
	readonly penalty: number;
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

/** An option, by its index, with its replicas. */
export function itemOf(
	{ weights, arrival_rate_rps: rate }: PipelineSpec,
	option: StageOption,
	index: number,
	replicas: number,
): Item {
	const { beta, gamma, delta } = weights;
	const { batch, energy, latency_s, service_s } = option;
	const cost_cores = option.cores * replicas;
	const energy_j =
		energy === undefined || rate === 0
			? undefined
			: stageEnergy(energy, { latency_s: service_s, batch, replicas }, rate).energy_j_per_request;
	return {
		option: index,
		replicas,
		latency_s: latency_s + option.queueing_s,
		accuracy: option.accuracy,
		cost_cores,
		batch,
		energy_j,
		penalty: beta * cost_cores + gamma * batch + (delta === 0 ? 0 : delta * (energy_j as number)),
	};
}
