import { dominanceTree } from "./dominanceTree.js";
import type { Item } from "./items.js";
import type { Limits } from "./limits.js";

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
