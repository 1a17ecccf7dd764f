import type { Item } from "./items.js";
import type { Limits } from "./limits.js";

/** An item and its place among the stage's. */
export interface IndexedItem {
	readonly item: Item;
	readonly index: number;
}

/** Items of a stage that no other is at least as good as in everything; of equal ones the first. */
export function prunedItems(items: readonly Item[], limits: Limits): IndexedItem[] {
	const bounded = { cost: Number.isFinite(limits.cost_cores), energy: Number.isFinite(limits.energy_j) };
	const dominates = (a: Item, b: Item) =>
		a.latency_s <= b.latency_s &&
		a.accuracy >= b.accuracy &&
		a.penalty <= b.penalty &&
		(!bounded.cost || a.cost_cores <= b.cost_cores) &&
		(!bounded.energy || (a.energy_j as number) <= (b.energy_j as number));
	return items.flatMap((item, index) =>
		items.some((other, j) => j !== index && dominates(other, item) && (!dominates(item, other) || j < index))
			? []
			: [{ item, index }],
	);
}
