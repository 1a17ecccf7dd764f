import type { PipelineSpec } from "../pipeline/spec.js";
import { greedyFloor } from "./greedyFloor.js";
import type { Item } from "./items.js";
import { latencyPrice } from "./latencyPrice.js";
import { type Limits, misses } from "./limits.js";
import { prunedItems } from "./prunedItems.js";
import { type Suffix, suffixesOf } from "./suffixes.js";
import { undominated } from "./undominated.js";

/** A choice for the first stages, by its sums. `parent` and `item` lead back to the choice. */
export interface Label {
	readonly latency_s: number;
	/** Product of accuracies, or their sum. */
	readonly accuracy: number;
	readonly penalty: number;
	readonly cost_cores: number;
	readonly energy_j: number;
	readonly parent: Label | undefined;
	readonly item: number;
}

/**
 * Exact search over one item a stage. Returns the index of the item of each stage of a best feasible choice, or
 * undefined where none is feasible.
 */
export function labelSearch(
	spec: PipelineSpec,
	items: readonly (readonly Item[])[],
	limits: Limits,
): number[] | undefined {
	const { alpha } = spec.weights;
	const product = spec.accuracy_method === "product";
	const scale = spec.accuracy_method === "average" ? 1 / items.length : 1;
	const stages = items.map((own) => prunedItems(own, limits));
	const lambda = product ? 0 : latencyPrice(stages, alpha * scale, limits.latency_s);
	const suffixes = suffixesOf(stages, spec.accuracy_method, alpha * scale, lambda);
	const objective = (label: Label) => alpha * label.accuracy * (product ? 1 : scale) - label.penalty;
	const floor = greedyFloor(stages, spec, limits, alpha * scale, lambda);

	let labels: Label[] = [
		{ latency_s: 0, accuracy: product ? 1 : 0, penalty: 0, cost_cores: 0, energy_j: 0, parent: undefined, item: -1 },
	];
	for (const [s, own] of stages.entries()) {
		const suffix = suffixes[s + 1] as Suffix;
		const last = s === stages.length - 1;
		const next: Label[] = [];
		for (const label of labels)
			for (const { item, index } of own) {
				const latency_s = label.latency_s + item.latency_s;
				if (last ? misses(latency_s, limits) : tooSlow(latency_s + suffix.latency_s, limits)) continue;
				const cost_cores = label.cost_cores + item.cost_cores;
				if (cost_cores + suffix.cost_cores > limits.cost_cores) continue;
				const energy_j = label.energy_j + (item.energy_j ?? 0);
				if (energy_j + suffix.energy_j > limits.energy_j) continue;
				const accuracy = product ? label.accuracy * item.accuracy : label.accuracy + item.accuracy;
				const reachable = product ? accuracy * suffix.accuracy : (accuracy + suffix.accuracy) * scale;
				if (reachable < limits.accuracy - 1e-12) continue;
				const penalty = label.penalty + item.penalty;
				const bound = product
					? alpha * reachable - penalty - suffix.penalty
					: Math.min(
							alpha * reachable - penalty - suffix.penalty,
							alpha * scale * accuracy - penalty + suffix.priced + lambda * (limits.latency_s - latency_s),
						);
				if (bound < floor - tolerance(floor)) continue;
				next.push({ latency_s, accuracy, penalty, cost_cores, energy_j, parent: label, item: index });
			}
		labels = undominated(next, product, alpha * scale, limits);
	}
	const feasible = labels.filter(
		(label) =>
			!misses(label.latency_s, limits) &&
			label.cost_cores <= limits.cost_cores &&
			label.energy_j <= limits.energy_j &&
			label.accuracy * (product ? 1 : scale) >= limits.accuracy - 1e-12,
	);
	if (feasible.length === 0) return undefined;
	let best = feasible[0] as Label;
	for (const label of feasible) if (objective(label) > objective(best)) best = label;
	const picked: number[] = [];
	for (let label: Label | undefined = best; label?.parent !== undefined; label = label.parent)
		picked.unshift(label.item);
	return picked;
}

/** Rounding of sums may not drop a label that ties. */
function tolerance(value: number): number {
	return 1e-9 * Math.max(1, Math.abs(value));
}

/** Can no completion make it? Sums in another order differ in the last digits, so 1e-12 is allowed on the way. */
function tooSlow(latency_s: number, { latency_s: limit }: Limits): boolean {
	return latency_s > limit + 1e-12 * limit;
}
