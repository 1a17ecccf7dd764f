import { type Item, itemOf, type Limits, objectiveOf, type Sums, tolerance } from "../pipeline/objective.js";
import type { PipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { relaxation } from "./bounds.js";
import { undominated } from "./dominance.js";

/** A choice for the first stages, by its sums. `parent` and `item` lead back to the choice. */
interface Label {
	readonly sums: Sums;
	/** No completion is above this. */
	readonly bound: number;
	readonly parent?: Label;
	readonly item?: Item;
}

/** Best feasible choice, an item for each stage; or that none is feasible; or what is known where it was stopped. */
export type Search =
	| { readonly status: "found"; readonly picked: readonly Item[] }
	| { readonly status: "none" }
	/** `picked` is the best so far, if any; no choice's objective is above `bound`. */
	| { readonly status: "stopped"; readonly picked?: readonly Item[]; readonly bound: number };

/** Labels that may be held at a time by a search that can be stopped. */
const mostLabels = 2_000_000;

/**
 * Exact search over one item a stage.
 *
 * @param items of each stage, as stageItems gives them
 * @param stop asked again and again: true ends the search where it is
 */
export function labelSearch(
	spec: PipelineSpec,
	items: readonly (readonly Item[])[],
	limits: Limits,
	stop?: () => boolean,
): Search {
	const objective = objectiveOf(spec);
	const { none, plus } = objective;
	const { stages, incumbent, bound, complete, ...known } = relaxation(objective, worthwhile(items, limits), limits);
	let { floor } = known;
	let best = incumbent?.picked;
	let labels: Label[] = [{ sums: none, bound: bound(0, none, floor) }];
	let asked = 0;
	const stopped = (held: number) => stop !== undefined && (held > mostLabels || ((++asked & 1023) === 0 && stop()));
	const stoppedAt = (open: readonly Label[]): Search => ({
		status: "stopped",
		...(best === undefined ? {} : { picked: best }),
		bound: open.reduce((highest, label) => Math.max(highest, label.bound), floor),
	});

	for (const [s, stage] of stages.entries()) {
		const next: Label[] = [];
		const bar = floor - tolerance(floor);
		for (const [l, parent] of labels.entries()) {
			if (parent.bound < bar) continue;
			for (const item of stage) {
				if (stopped(next.length)) return stoppedAt([...labels.slice(l), ...next]);
				const sums = plus(parent.sums, item);
				const reach = bound(s + 1, sums, floor);
				if (reach > Number.NEGATIVE_INFINITY) next.push({ sums, bound: reach, parent, item });
			}
		}
		const kept = undominatedLabels(next);
		if (kept === undefined) return stoppedAt(next);
		labels = kept;
		for (const label of labels) {
			const found = complete(s + 1, label.sums, floor);
			if (found === undefined) continue;
			floor = found.objective;
			best = [...pathTo(label), ...found.picked];
		}
	}
	const [first, ...others] = labels;
	if (first === undefined) return { status: "none" };
	const last = others.reduce(
		(most, label) => (objective.of(label.sums) > objective.of(most.sums) ? label : most),
		first,
	);
	return { status: "found", picked: pathTo(last) };

	/** Of equal ones the first. Sums need latency and value alone, unless a bound asks for more; undefined where stopped. */
	function undominatedLabels(all: Label[]): Label[] | undefined {
		const worth = ({ sums }: Label) => objective.of(sums);
		all.sort((a, b) => a.sums.latency_s - b.sums.latency_s || worth(b) - worth(a));
		const accurate = objective.product || Number.isFinite(limits.accuracy);
		// A later label is no faster than an earlier one, so that latency needs no axis.
		const axes = [
			...(accurate
				? [({ sums }: Label) => -sums.accuracy, ({ sums }: Label) => sums.penalty]
				: [(label: Label) => -worth(label)]),
			...limited(limits).map(
				(name) =>
					({ sums }: Label) =>
						sums[name],
			),
		];
		return undominated(all, axes, () => stopped(0));
	}
}

function pathTo(label: Label): Item[] {
	const picked: Item[] = [];
	for (let at: Label | undefined = label; at?.item !== undefined; at = at.parent) picked.unshift(at.item);
	return picked;
}

/** What is summed and bounded beside latency and accuracy. */
function limited(limits: Limits) {
	return (["cost_cores", "energy_j"] as const).filter((name) => Number.isFinite(limits[name]));
}

/**
 * Items of each stage that no other is at least as good as in everything; of equal ones the first. Sorted, a later item is
 * at least as good as an earlier one only where it is equal to it, so each is held against those that were kept.
 */
function worthwhile(items: readonly (readonly Item[])[], limits: Limits): Item[][] {
	const bounded = limited(limits);
	const axes = [
		({ accuracy }: Item) => -accuracy,
		({ penalty }: Item) => penalty,
		...bounded.map((name) => (item: Item) => item[name]),
	];
	return items.map((stage) =>
		undominated(
			stage.toSorted(
				(a, b) =>
					a.latency_s - b.latency_s ||
					b.accuracy - a.accuracy ||
					a.penalty - b.penalty ||
					bounded.reduce((difference, name) => difference || a[name] - b[name], 0),
			),
			axes,
		).sort((a, b) => a.option - b.option),
	);
}

/** Choices near the best, best first. */
export interface Near {
	readonly choices: readonly (readonly Item[])[];
	/** False where the search was stopped: others may be as good, or better. */
	readonly whole: boolean;
}

/**
 * The best feasible choices, best first, replicas beyond the fewest included, by depth-first branch and bound: at most
 * `count`. With a `floor`, any `count` that are not below it.
 *
 * @param items of each stage, as stageItems gives them
 */
export function nearBest(
	{ spec, stages }: PipelineOptions,
	items: readonly (readonly Item[])[],
	limits: Limits,
	{ count, floor, stop }: { count: number; floor?: number | undefined; stop?: (() => boolean) | undefined },
): Near {
	const objective = objectiveOf(spec);
	const { bound } = relaxation(objective, worthwhile(items, limits), limits, { drop: false });
	const order = items.map((stage) => stage.toSorted((a, b) => objective.of(b) - objective.of(a)));
	const found: { readonly choice: readonly Item[]; readonly objective: number }[] = [];
	const path: Item[] = [];
	let asked = 0;
	let whole = true;
	/** What a choice must have more than to be kept. */
	let bar = floor ?? Number.NEGATIVE_INFINITY;

	extend(0, objective.none);
	if (floor !== undefined) found.sort((a, b) => b.objective - a.objective);
	return { choices: found.map(({ choice }) => choice), whole };

	/** False once nothing more is wanted. */
	function extend(s: number, sums: Sums): boolean {
		const stage = stages[s];
		const fewest = order[s];
		if (stage === undefined || fewest === undefined) return keep(objective.of(sums));
		for (const first of fewest)
			for (let item = first; ; item = itemOf(spec, stage.options[item.option]!, item.option, item.replicas + 1)) {
				if (stop !== undefined && (++asked & 1023) === 0 && stop()) {
					whole = false;
					return false;
				}
				const next = objective.plus(sums, item);
				const reach = bound(s + 1, next, bar);
				// More replicas reach no further.
				if (reach === Number.NEGATIVE_INFINITY || isFull(reach)) break;
				path.push(item);
				const wanted = extend(s + 1, next);
				path.pop();
				if (!wanted) return false;
				if (item.replicas >= stage.replicas[1]) break;
			}
		return true;
	}

	/** There are as many as are wanted, and what reaches no higher than the last of them is none of them. */
	function isFull(reach: number): boolean {
		return found.length >= count && reach <= bar + 1e-12 * Math.max(1, Math.abs(bar));
	}

	function keep(value: number): boolean {
		if (floor !== undefined) {
			if (value >= floor) found.push({ choice: [...path], objective: value });
			return found.length < count;
		}
		let at = found.length;
		while (at > 0 && found[at - 1]!.objective < value) at--;
		found.splice(at, 0, { choice: [...path], objective: value });
		found.length = Math.min(found.length, count);
		if (found.length === count) bar = found.at(-1)!.objective;
		return true;
	}
}
