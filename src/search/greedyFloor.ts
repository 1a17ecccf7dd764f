import type { PipelineSpec } from "../pipeline/spec.js";
import type { Item } from "./items.js";
import { type Limits, misses } from "./limits.js";
import type { IndexedItem } from "./prunedItems.js";

/** Objective of a feasible choice found greedily at the price, or -Infinity. */
export function greedyFloor(
	stages: readonly (readonly IndexedItem[])[],
	spec: PipelineSpec,
	limits: Limits,
	weight: number,
	lambda: number,
): number {
	const product = spec.accuracy_method === "product";
	let floor = Number.NEGATIVE_INFINITY;
	// For products the price of latency, and how much an accuracy is worth beside the others, are tried out.
	const prices = product ? [0, ...Array.from({ length: 24 }, (_, i) => 4 ** (i - 8))] : [lambda, 2 * lambda];
	const worths = product ? [1, 0.5, 0.25, 0.1, 0.02] : [1];
	for (const price of prices)
		for (const worth of worths) {
			let latency_s = 0;
			let penalty = 0;
			let cost = 0;
			let energy = 0;
			let accuracy = product ? 1 : 0;
			for (const own of stages) {
				let best: Item | undefined;
				let bestValue = Number.NEGATIVE_INFINITY;
				for (const { item } of own) {
					const value = weight * worth * item.accuracy - item.penalty - price * item.latency_s;
					if (value > bestValue) [best, bestValue] = [item, value];
				}
				if (best === undefined) return floor;
				latency_s += best.latency_s;
				penalty += best.penalty;
				cost += best.cost_cores;
				energy += best.energy_j ?? 0;
				accuracy = product ? accuracy * best.accuracy : accuracy + best.accuracy;
			}
			const combined = accuracy * (spec.accuracy_method === "average" ? 1 / stages.length : 1);
			if (misses(latency_s, { ...limits, strict: true }) || cost > limits.cost_cores || energy > limits.energy_j)
				continue;
			if (combined < limits.accuracy) continue;
			floor = Math.max(floor, spec.weights.alpha * combined - penalty);
		}
	return floor;
}
