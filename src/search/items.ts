import { stageEnergy } from "../pipeline/energy.js";
import type { PipelineOptions, StageOption, StageOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { dominanceTree } from "./pareto.js";

/** Bounds as limits on sums: what the search works with. */
export interface Limits {
	readonly latency_s: number;
	/** The SLA itself is not allowed (IPA's enumeration). */
	readonly strict: boolean;
	readonly cost_cores: number;
	readonly energy_j: number;
	/** The limit on energy is that of a bound on power. */
	readonly power: boolean;
	readonly accuracy: number;
	/** Bounds as they were asked for, without the slack for rounding: what is told. */
	readonly asked: { readonly cost_cores: number; readonly energy_j: number; readonly power_w: number };
}

/** Is a whole configuration's latency over the limit? Summed stage by stage, as `configuration` does. */
export function misses(latency_s: number, { latency_s: limit, strict }: Limits): boolean {
	return strict ? latency_s >= limit : latency_s > limit;
}

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

/** An item and its place among the stage's. */
export interface IndexedItem {
	readonly item: Item;
	readonly index: number;
	/** Logarithm of its accuracy. */
	readonly log: number;
}

/**
 * Items of a stage that no other is at least as good as in everything; of equal ones the first. Sorted, a later item is at
 * least as good as an earlier one only where it is equal to it, so each is held against those that were kept.
 */
export function prunedItems(items: readonly Item[], limits: Limits): IndexedItem[] {
	const bounded = { cost: Number.isFinite(limits.cost_cores), energy: Number.isFinite(limits.energy_j) };
	const order = items
		.map((item, index) => ({ item, index, log: Math.log(item.accuracy) }))
		.sort(
			({ item: a, index: i }, { item: b, index: j }) =>
				a.latency_s - b.latency_s ||
				b.accuracy - a.accuracy ||
				a.penalty - b.penalty ||
				(bounded.cost ? a.cost_cores - b.cost_cores : 0) ||
				(bounded.energy ? (a.energy_j as number) - (b.energy_j as number) : 0) ||
				i - j,
		);
	const kept = items.length > 1000 ? keptOfMany(order, bounded) : keptOfFew(order, bounded);
	return kept.sort((a, b) => a.index - b.index);
}

interface Bounded {
	readonly cost: boolean;
	readonly energy: boolean;
}

function keptOfFew(order: readonly IndexedItem[], bounded: Bounded): IndexedItem[] {
	const kept: IndexedItem[] = [];
	next: for (const entry of order) {
		const { item } = entry;
		for (const { item: other } of kept)
			if (
				other.accuracy >= item.accuracy &&
				other.penalty <= item.penalty &&
				(!bounded.cost || other.cost_cores <= item.cost_cores) &&
				(!bounded.energy || (other.energy_j as number) <= (item.energy_j as number))
			)
				continue next;
		kept.push(entry);
	}
	return kept;
}

function keptOfMany(order: readonly IndexedItem[], bounded: Bounded): IndexedItem[] {
	const axes = [
		({ accuracy }: Item) => -accuracy,
		({ penalty }: Item) => penalty,
		...(bounded.cost ? [({ cost_cores }: Item) => cost_cores] : []),
		...(bounded.energy ? [({ energy_j }: Item) => energy_j as number] : []),
	];
	const tree = dominanceTree(
		Float64Array.from(order.flatMap(({ item }) => axes.map((read) => read(item)))),
		axes.length,
	);
	return order.filter((_, point) => {
		if (tree.covers(point)) return false;
		tree.add(point);
		return true;
	});
}
