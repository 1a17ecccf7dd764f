import type { PipelineSpec } from "../pipeline/spec.js";
import type { Item, Limits } from "./items.js";
import { type DominanceTree, dominanceTree } from "./pareto.js";
import { type Sums, withItem } from "./prices.js";
import { relaxation, tolerance } from "./relaxation.js";

/** A choice for the first stages, by its sums. `parent` and `item` lead back to the choice. */
interface Label extends Sums {
	/** No completion is above this. */
	readonly bound: number;
	readonly parent: Label | undefined;
	readonly item: number;
}

/** Best feasible choice, an item's index for each stage; or that none is feasible; or what is known where it was stopped. */
export type Search =
	| { readonly status: "found"; readonly picked: readonly number[] }
	| { readonly status: "none" }
	/** `picked` is the best so far, if any; no choice's objective is above `bound`. */
	| { readonly status: "stopped"; readonly picked?: readonly number[]; readonly bound: number };

/** Labels that may be held at a time by a search that can be stopped. */
const mostLabels = 2_000_000;

/**
 * Exact search over one item a stage.
 *
 * @param stop asked again and again: true ends the search where it is
 */
export function labelSearch(
	spec: PipelineSpec,
	items: readonly (readonly Item[])[],
	limits: Limits,
	stop?: () => boolean,
): Search {
	const product = spec.accuracy_method === "product";
	const weight = spec.weights.alpha * (spec.accuracy_method === "average" ? 1 / items.length : 1);
	const known = relaxation(spec, items, limits);
	const { stages, bound, complete } = known;
	let { floor } = known;
	let best = known.incumbent?.picked;
	const objective = (label: Sums) => weight * label.accuracy - label.penalty;
	const start = { latency_s: 0, accuracy: product ? 1 : 0, penalty: 0, cost_cores: 0, energy_j: 0 };
	let labels: Label[] = [{ ...start, bound: bound(0, start, floor), parent: undefined, item: -1 }];
	let asked = 0;
	const stopped = (held: number) => stop !== undefined && (held > mostLabels || ((++asked & 1023) === 0 && stop()));

	for (const [s, own] of stages.entries()) {
		const next: Label[] = [];
		const bar = floor - tolerance(floor);
		for (let l = 0; l < labels.length; l++) {
			const label = labels[l] as Label;
			if (label.bound < bar) continue;
			for (const { item, index } of own) {
				if (stopped(next.length)) return so(Math.max(highest(labels.slice(l)), highest(next)));
				const sums = withItem(label, item, product);
				const most = bound(s + 1, sums, floor);
				if (most === Number.NEGATIVE_INFINITY) continue;
				const { latency_s, accuracy, penalty, cost_cores, energy_j } = sums;
				next.push({ latency_s, accuracy, penalty, cost_cores, energy_j, bound: most, parent: label, item: index });
			}
		}
		const kept = undominated(next, product, weight, limits, () => stopped(0));
		if (kept === undefined) return so(highest(next));
		labels = kept;
		for (const label of labels) {
			const found = complete(s + 1, label, floor);
			if (found === undefined) continue;
			floor = found.objective;
			best = [...pathTo(label), ...found.picked];
		}
	}
	let last = labels[0];
	if (last === undefined) return { status: "none" };
	for (const label of labels) if (objective(label) > objective(last)) last = label;
	return { status: "found", picked: pathTo(last) };

	function so(most: number): Search {
		return { status: "stopped", ...(best === undefined ? {} : { picked: best }), bound: Math.max(most, floor) };
	}
}

function highest(labels: readonly Label[]): number {
	return labels.reduce((most, { bound }) => Math.max(most, bound), Number.NEGATIVE_INFINITY);
}

function pathTo(label: Label): number[] {
	const picked: number[] = [];
	for (let at: Label | undefined = label; at?.parent !== undefined; at = at.parent) picked.unshift(at.item);
	return picked;
}

/**
 * Labels that no other dominates; of equal ones the first. Sums need latency and value alone, unless a bound asks for more.
 * Undefined where `stopped` says so.
 */
function undominated(
	labels: Label[],
	product: boolean,
	weight: number,
	limits: Limits,
	stopped: () => boolean,
): Label[] | undefined {
	labels.sort((a, b) => a.latency_s - b.latency_s || weight * (b.accuracy - a.accuracy) - (b.penalty - a.penalty));
	const extra = [
		...(Number.isFinite(limits.cost_cores) ? [({ cost_cores }: Label) => cost_cores] : []),
		...(Number.isFinite(limits.energy_j) ? [({ energy_j }: Label) => energy_j] : []),
	];
	const accurate = product || Number.isFinite(limits.accuracy);
	if (extra.length === 0 && !accurate) {
		let best = Number.NEGATIVE_INFINITY;
		return labels.filter((label) => {
			const value = weight * label.accuracy - label.penalty;
			if (value <= best) return false;
			best = value;
			return true;
		});
	}
	// A later label is no faster than an earlier one, so that latency needs no axis.
	const axes = [
		...(accurate
			? [({ accuracy }: Label) => -accuracy, ({ penalty }: Label) => penalty]
			: [({ accuracy, penalty }: Label) => penalty - weight * accuracy]),
		...extra,
	];
	const values = new Float64Array(labels.length * axes.length);
	for (const [l, label] of labels.entries())
		for (const [axis, read] of axes.entries()) values[l * axes.length + axis] = read(label);
	const tree = axes.length === 2 ? staircase(values) : dominanceTree(values, axes.length);
	const kept: Label[] = [];
	for (const [l, label] of labels.entries()) {
		if (stopped()) return undefined;
		if (tree.covers(l)) continue;
		tree.add(l);
		kept.push(label);
	}
	return kept;
}

/** A dominance tree of two axes: the points that nothing covers, by rising first axis and so by falling second. */
function staircase(values: Float64Array): DominanceTree {
	const firsts: number[] = [];
	const seconds: number[] = [];
	/** Steps whose first value is at most the given. */
	const upTo = (value: number) => {
		let low = 0;
		let high = firsts.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((firsts[middle] as number) <= value) low = middle + 1;
			else high = middle;
		}
		return low;
	};
	return {
		covers: (point) => {
			const step = upTo(values[2 * point] as number) - 1;
			return step >= 0 && (seconds[step] as number) <= (values[2 * point + 1] as number);
		},
		add: (point) => {
			const [first, second] = [values[2 * point] as number, values[2 * point + 1] as number];
			let from = upTo(first);
			while (from > 0 && firsts[from - 1] === first) from--;
			let to = from;
			while (to < seconds.length && (seconds[to] as number) >= second) to++;
			firsts.splice(from, to - from, first);
			seconds.splice(from, to - from, second);
		},
	};
}
