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

/** Items of a stage that no other is at least as good as in everything; of equal ones the first. */
export function prunedItems(items: readonly Item[], limits: Limits): IndexedItem[] {
	const bounded = { cost: Number.isFinite(limits.cost_cores), energy: Number.isFinite(limits.energy_j) };
	const kept = items.length > 200 ? keptOfMany(items, bounded) : keptOfFew(items, bounded);
	return kept.map((index) => {
		const item = items[index] as Item;
		return { item, index, log: Math.log(item.accuracy) };
	});
}

interface Bounded {
	readonly cost: boolean;
	readonly energy: boolean;
}

/** Each against each: quickest for the few tens that a stage has as a rule. */
function keptOfFew(items: readonly Item[], bounded: Bounded): number[] {
	const dominates = (a: Item, b: Item) =>
		a.latency_s <= b.latency_s &&
		a.accuracy >= b.accuracy &&
		a.penalty <= b.penalty &&
		(!bounded.cost || a.cost_cores <= b.cost_cores) &&
		(!bounded.energy || (a.energy_j as number) <= (b.energy_j as number));
	return items.flatMap((item, index) =>
		items.some((other, j) => j !== index && dominates(other, item) && (!dominates(item, other) || j < index))
			? []
			: [index],
	);
}

function keptOfMany(items: readonly Item[], bounded: Bounded): number[] {
	const axes: ((item: Item) => number)[] = [
		({ latency_s }) => latency_s,
		({ accuracy }) => -accuracy,
		({ penalty }) => penalty,
		...(bounded.cost ? [({ cost_cores }: Item) => cost_cores] : []),
		...(bounded.energy ? [({ energy_j }: Item) => energy_j as number] : []),
	];
	const values = Float64Array.from(items.flatMap((item) => axes.map((read) => read(item))));
	const difference = (a: number, b: number) => {
		for (let axis = 0; axis < axes.length; axis++) {
			const apart = (values[a * axes.length + axis] as number) - (values[b * axes.length + axis] as number);
			if (apart !== 0) return apart;
		}
		return a - b;
	};
	const tree = dominanceTree(values, axes.length);
	const kept: number[] = [];
	// Sorted, a later item is at least as good as an earlier one in everything only where it is equal to it.
	for (const index of items.map((_, i) => i).sort(difference)) {
		if (tree.covers(index)) continue;
		tree.add(index);
		kept.push(index);
	}
	return kept.sort((a, b) => a - b);
}
