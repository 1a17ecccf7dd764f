import type { AccuracyMethod, PipelineSpec } from "../pipeline/spec.js";
import type { Item } from "./items.js";
import type { Limits } from "./optimum.js";

/** A choice for the first stages, by its sums. `parent` and `item` lead back to the choice. */
interface Label {
	readonly latency_s: number;
	/** Product of accuracies, or their sum. */
	readonly accuracy: number;
	readonly penalty: number;
	readonly cost_cores: number;
	readonly energy_j: number;
	readonly parent: Label | undefined;
	readonly item: number;
}

/** What the stages from one on can still do at best. */
interface Suffix {
	readonly latency_s: number;
	readonly cost_cores: number;
	readonly energy_j: number;
	readonly penalty: number;
	/** Largest product or sum of accuracies. */
	readonly accuracy: number;
	/** Largest sum of value - lambda x latency, for sums. */
	readonly priced: number;
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
	const stages = items.map((own) => pruned(own, limits));
	const lambda = product ? 0 : bestPrice(stages, alpha * scale, limits.latency_s);
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

/** Is a whole configuration's latency over the limit? Summed stage by stage, as `configuration` does. */
function misses(latency_s: number, { latency_s: limit, strict }: Limits): boolean {
	return strict ? latency_s >= limit : latency_s > limit;
}

/** Can no completion make it? Sums in another order differ in the last digits, so 1e-12 is allowed on the way. */
function tooSlow(latency_s: number, { latency_s: limit }: Limits): boolean {
	return latency_s > limit + 1e-12 * limit;
}

interface IndexedItem {
	readonly item: Item;
	readonly index: number;
}

/** Items of a stage that no other is at least as good as in everything; of equal ones the first. */
function pruned(items: readonly Item[], limits: Limits): IndexedItem[] {
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

/** Price of a second of latency that makes the Lagrangian bound of the additive case least, by bisection. */
function bestPrice(stages: readonly (readonly IndexedItem[])[], weight: number, limit_s: number): number {
	const latencyAt = (lambda: number) =>
		stages.reduce((sum, own) => {
			let best = Number.NEGATIVE_INFINITY;
			let latency = 0;
			for (const { item } of own) {
				const value = weight * item.accuracy - item.penalty - lambda * item.latency_s;
				if (value > best) {
					best = value;
					latency = item.latency_s;
				}
			}
			return sum + latency;
		}, 0);
	if (latencyAt(0) <= limit_s) return 0;
	let low = 0;
	let high = 1;
	while (latencyAt(high) > limit_s && high < 1e12) high *= 4;
	for (let step = 0; step < 60; step++) {
		const middle = (low + high) / 2;
		if (latencyAt(middle) > limit_s) low = middle;
		else high = middle;
	}
	return high;
}

function suffixesOf(
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

/** Objective of a feasible choice found greedily at the price, or -Infinity. */
function greedyFloor(
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

/** Labels that no other dominates. Sums need latency and value alone, unless a bound asks for more. */
function undominated(labels: Label[], product: boolean, weight: number, limits: Limits): Label[] {
	const extra =
		Number.isFinite(limits.cost_cores) || Number.isFinite(limits.energy_j) || Number.isFinite(limits.accuracy);
	labels.sort((a, b) => a.latency_s - b.latency_s || weight * (b.accuracy - a.accuracy) - (b.penalty - a.penalty));
	const kept: Label[] = [];
	if (!product && !extra) {
		let best = Number.NEGATIVE_INFINITY;
		for (const label of labels) {
			const value = weight * label.accuracy - label.penalty;
			if (value <= best) continue;
			best = value;
			kept.push(label);
		}
		return kept;
	}
	if (!extra) return undominatedProduct(labels);
	for (const label of labels)
		if (
			!kept.some(
				(other) =>
					other.accuracy >= label.accuracy &&
					other.penalty <= label.penalty &&
					other.cost_cores <= label.cost_cores &&
					other.energy_j <= label.energy_j,
			)
		)
			kept.push(label);
	return kept;
}

/** Staircase of (accuracy, penalty) seen so far, by rising accuracy: labels come by rising latency. */
function undominatedProduct(labels: readonly Label[]): Label[] {
	const kept: Label[] = [];
	const accuracies: number[] = [];
	const penalties: number[] = [];
	for (const label of labels) {
		// First step with at least this accuracy: it has the least penalty among all of them.
		let low = 0;
		let high = accuracies.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((accuracies[middle] as number) < label.accuracy) low = middle + 1;
			else high = middle;
		}
		if (low < accuracies.length && (penalties[low] as number) <= label.penalty) continue;
		kept.push(label);
		let from = low;
		while (from > 0 && (penalties[from - 1] as number) >= label.penalty) from--;
		accuracies.splice(from, low - from, label.accuracy);
		penalties.splice(from, low - from, label.penalty);
	}
	return kept;
}
