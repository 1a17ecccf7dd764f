import type { AccuracyMethod } from "../pipeline/spec.js";
import type { Item } from "./items.js";
import type { IndexedItem } from "./prunedItems.js";

/** What the stages from one on can still do at best. */
export interface Suffix {
	readonly latency_s: number;
	readonly cost_cores: number;
	readonly energy_j: number;
	readonly penalty: number;
	/** Largest product or sum of accuracies. */
	readonly accuracy: number;
	/** Largest sum of value - lambda x latency, for sums. */
	readonly priced: number;
}

/** One more than there are stages: what each and those after it can do, and, last, nothing. */
export function suffixesOf(
	stages: readonly (readonly IndexedItem[])[],
	method: AccuracyMethod,
	weight: number,
	lambda: number,
): Suffix[] {
	const product = method === "product";
	const suffixes: Suffix[] = [
		{ latency_s: 0, cost_cores: 0, energy_j: 0, penalty: 0, accuracy: product ? 1 : 0, priced: 0 },
	];
	for (const own of stages.toReversed()) {
		const after = suffixes[0] as Suffix;
		const least = (read: (item: Item) => number) => Math.min(...own.map(({ item }) => read(item)));
		const most = (read: (item: Item) => number) => Math.max(...own.map(({ item }) => read(item)));
		const accuracy = most((item) => item.accuracy);
		suffixes.unshift({
			latency_s: after.latency_s + least((item) => item.latency_s),
			cost_cores: after.cost_cores + least((item) => item.cost_cores),
			energy_j: after.energy_j + least((item) => item.energy_j ?? 0),
			penalty: after.penalty + least((item) => item.penalty),
			accuracy: product ? after.accuracy * accuracy : after.accuracy + accuracy,
			priced: after.priced + most((item) => weight * item.accuracy - item.penalty - lambda * item.latency_s),
		});
	}
	return suffixes;
}
