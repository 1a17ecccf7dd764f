import type { PipelineSpec } from "../pipeline/spec.js";
import { type IndexedItem, type Item, type Limits, misses, prunedItems } from "./items.js";
import {
	cheapestPrices,
	fromEveryStage,
	type Multipliers,
	type Point,
	type Prices,
	plus,
	pointAt,
	type Sums,
	termsOf,
	withItem,
} from "./prices.js";

/** A feasible choice: an item's index for each stage, and its objective. */
export interface Incumbent {
	readonly picked: readonly number[];
	readonly objective: number;
}

/** What is known before the search begins: the items that can still matter, a good choice, bounds on every completion. */
export interface Relaxation {
	/** Items of each stage, without those that no choice as good as the incumbent holds. */
	readonly stages: readonly (readonly IndexedItem[])[];
	/** The best feasible choice that was met on the way. */
	readonly incumbent: Incumbent | undefined;
	/** No choice has less: the incumbent's objective, or the least that a choice of items can have. */
	readonly floor: number;
	/**
	 * No feasible completion of a choice for the first s stages is above this; -Infinity where there is none, or none as good
	 * as the floor.
	 */
	readonly bound: (s: number, sums: Sums, floor: number) => number;
	/** Items of the stages from s on that make a feasible choice above the floor, where one is at hand. */
	readonly complete: (s: number, sums: Sums, floor: number) => Incumbent | undefined;
}

/** What the stages from one on come to at most and at least. */
interface Range {
	readonly leastLatency: number;
	readonly leastCost: number;
	readonly leastEnergy: number;
	readonly mostAccuracy: number;
	readonly mostLog: number;
	readonly leastAccuracy: number;
	readonly leastPenalty: number;
	readonly mostPenalty: number;
}

const none = Number.NEGATIVE_INFINITY;

/** Rounding of sums may not drop a choice that ties. */
export function tolerance(value: number): number {
	return 1e-9 * Math.max(1, Math.abs(value));
}

/**
 * Lagrangian bounds (Everett, Operations Research 11, 1963): a limit becomes a price of what it limits, and each stage takes
 * its best item alone. A product of accuracies is convex in its logarithm: over the range that can still matter it lies
 * below a straight line through its ends, which is a sum again.
 *
 * @param drop leave out items that only choices worse than the incumbent hold; false where those are looked for
 */
export function relaxation(
	spec: PipelineSpec,
	items: readonly (readonly Item[])[],
	limits: Limits,
	{ drop = true } = {},
): Relaxation {
	const terms = termsOf(spec, items.length, limits);
	const { product, scale, weight, start, bounded } = terms;
	let stages: readonly (readonly IndexedItem[])[] = items.map((own) => prunedItems(own, limits));
	let ranges = rangesOf(stages, product);
	const [all] = ranges as [Range];
	let incumbent: Incumbent | undefined;
	// Any feasible choice has at least this, so that prices can also prove that there is none.
	let floor = weight * all.leastAccuracy - all.mostPenalty;

	const objectiveOf = ({ accuracy, penalty }: Sums) => weight * accuracy - penalty;
	// Summed in another order than `configuration` does: what stands at the limit counts as over it.
	const feasible = ({ latency_s, cost_cores, energy_j, accuracy }: Sums) =>
		!misses(latency_s * (1 + 1e-12), { ...limits, strict: true }) &&
		cost_cores <= limits.cost_cores &&
		energy_j <= limits.energy_j &&
		accuracy * scale >= limits.accuracy;
	const evaluate = (own: Multipliers): Point => {
		const found = pointAt(stages, own, terms);
		const objective = objectiveOf(found.whole);
		if (objective > (incumbent?.objective ?? Number.NEGATIVE_INFINITY) && feasible(found.whole)) {
			incumbent = { picked: found.best.map(({ index }) => index), objective };
			floor = Math.max(floor, objective);
		}
		return found;
	};
	let guess: number | undefined;
	const cheapest = (worth: number): Prices => {
		const found = cheapestPrices(evaluate, worth, terms, { known: floor, guess });
		if (found.latency > 0) guess = 2 * found.latency;
		return fromEveryStage(found, terms);
	};
	const slopes = (least: number, count: number) => worths(spec.weights.alpha, least, all.mostAccuracy, count);
	// Few choices are tried out sooner than their prices are found.
	const few = stages.reduce((product, own) => product * own.length, 1) <= 100;
	let prices = (few ? [] : product ? slopes(all.leastAccuracy, 3) : [0]).map(cheapest);
	if (!few && incumbent !== undefined && (product || bounded.length > 1)) incumbent = improved(incumbent);
	if (!few && product && incumbent !== undefined) {
		const least = Math.max((floor + all.leastPenalty) / weight, limits.accuracy, all.leastAccuracy);
		prices = slopes(least, 5).map(cheapest);
	}
	if (few || bounded.length > 1)
		prices.push(fromEveryStage(evaluate({ latency: 0, cost: 0, energy: 0, accuracy: 0, worth: 0 }), terms));
	if (drop) dropItems();

	/** The choice with one item after the other changed for a better one. */
	function improved(found: Incumbent): Incumbent {
		const picked = [...found.picked];
		let sums = sumsOf(picked);
		for (let round = 0, changed = true; changed && round < 3; round++) {
			changed = false;
			for (const [s, own] of stages.entries())
				for (const { item, index } of own) {
					const old = items[s]?.[picked[s] as number] as Item;
					if (product && old.accuracy === 0) continue;
					const other = {
						latency_s: sums.latency_s - old.latency_s + item.latency_s,
						accuracy: product
							? (sums.accuracy / old.accuracy) * item.accuracy
							: sums.accuracy - old.accuracy + item.accuracy,
						penalty: sums.penalty - old.penalty + item.penalty,
						cost_cores: sums.cost_cores - old.cost_cores + item.cost_cores,
						energy_j: sums.energy_j - (old.energy_j ?? 0) + (item.energy_j ?? 0),
					};
					if (objectiveOf(other) <= objectiveOf(sums) || !feasible(other)) continue;
					picked[s] = index;
					[sums, changed] = [other, true];
				}
		}
		// Worked out anew, since differences leave rounding behind.
		const whole = sumsOf(picked);
		const objective = objectiveOf(whole);
		if (objective <= found.objective || !feasible(whole)) return found;
		floor = Math.max(floor, objective);
		return { picked, objective };
	}

	function sumsOf(picked: readonly number[]): Sums {
		return picked.reduce((so, i, s) => withItem(so, items[s]?.[i] as Item, product), start);
	}

	function bound(s: number, sums: Sums, known: number): number {
		const rest = ranges[s] as Range;
		const reach_s = sums.latency_s + rest.leastLatency;
		if (s === stages.length ? misses(reach_s, limits) : reach_s > limits.latency_s * (1 + 1e-12)) return none;
		if (sums.cost_cores + rest.leastCost > limits.cost_cores) return none;
		if (sums.energy_j + rest.leastEnergy > limits.energy_j) return none;
		const reach = product ? sums.accuracy * rest.mostAccuracy : sums.accuracy + rest.mostAccuracy;
		if (reach * scale < limits.accuracy - 1e-12) return none;
		const own = weight * sums.accuracy;
		const bar = known - tolerance(known);
		let lowest = weight * reach - sums.penalty - rest.leastPenalty;
		if (lowest < bar) return none;
		// A smaller product of what is left would be worse than what is known.
		const needed =
			product && own > 0 ? Math.max((bar + sums.penalty + rest.leastPenalty) / own, rest.leastAccuracy) : 0;
		const needLog = Math.log(needed);
		for (const price of prices) {
			let value =
				price.limits +
				(price.value[s] as number) -
				sums.penalty -
				price.latency * sums.latency_s -
				price.cost * sums.cost_cores -
				price.energy * sums.energy_j;
			if (!product) value += (weight + price.accuracy * scale) * sums.accuracy;
			else if (price.worth === 0) value += own * rest.mostAccuracy;
			else if (needed > 0)
				value += Math.max(own * needed - price.worth * needLog, own * rest.mostAccuracy - price.worth * rest.mostLog);
			else continue;
			if (value < bar) return none;
			if (value < lowest) lowest = value;
		}
		return lowest;
	}

	function complete(s: number, sums: Sums, known: number): Incumbent | undefined {
		let found: Incumbent | undefined;
		for (const { sums: rest, best } of prices) {
			const whole = plus(sums, rest[s] as Sums, product);
			const objective = objectiveOf(whole);
			if (objective > (found?.objective ?? known) && feasible(whole))
				found = { picked: best.slice(s).map(({ index }) => index), objective };
		}
		return found;
	}

	/** Leaves out the items that even with the best of all other stages fall short of the floor. */
	function dropItems(): void {
		const bar = floor - tolerance(floor);
		const usable = prices.filter(({ worth }) => worth === 0);
		const accuracies = stages.map((own) => most(own, accuracyOf));
		const penalties = stages.map((own) => least(own, penaltyOf));
		const penalty = penalties.reduce((sum, own) => sum + own, 0);
		const kept = stages.map((own, s) => {
			const others = accuracies.reduce((so, a, t) => (t === s ? so : product ? so * a : so + a), start.accuracy);
			return own.filter(({ item }) => {
				const gain = weight * (product ? others * item.accuracy : others + item.accuracy);
				if (gain - item.penalty - (penalty - (penalties[s] as number)) < bar) return false;
				return usable.every((price) => {
					const others = price.total - (price.scores[s] as number);
					const { latency, cost, energy, accuracy } = price;
					const priced = latency * item.latency_s + cost * item.cost_cores + energy * (item.energy_j ?? 0);
					const own = product ? gain : (weight + accuracy * scale) * item.accuracy;
					return others + own - item.penalty - priced >= bar;
				});
			});
		});
		stages = kept;
		// Nothing is as good as the least that a feasible choice has: none is feasible.
		if (kept.some((own) => own.length === 0)) return;
		ranges = rangesOf(stages, product);
		prices = prices.map((price) => fromEveryStage(evaluate(price), terms));
	}

	return { stages, incumbent, floor, bound, complete };
}

/** Slopes of alpha x product over the products that can matter, and 0, which bounds where the least of them is 0. */
function worths(alpha: number, least: number, most: number, count: number): number[] {
	const from = Math.max(least, 1e-3 * most, Number.MIN_VALUE);
	const slopes = Array.from({ length: count }, (_, i) => alpha * from * (most / from) ** (i / (count - 1)));
	return [0, ...(most > from ? slopes : slopes.slice(0, 1)).filter((slope) => slope > 0)];
}

function rangesOf(stages: readonly (readonly IndexedItem[])[], product: boolean): Range[] {
	const one = product ? 1 : 0;
	const ranges: Range[] = [
		{
			leastLatency: 0,
			leastCost: 0,
			leastEnergy: 0,
			mostAccuracy: one,
			mostLog: 0,
			leastAccuracy: one,
			leastPenalty: 0,
			mostPenalty: 0,
		},
	];
	const combined = (a: number, b: number) => (product ? a * b : a + b);
	for (const own of stages.toReversed()) {
		const after = ranges.at(-1) as Range;
		const mostAccuracy = combined(after.mostAccuracy, most(own, accuracyOf));
		ranges.push({
			leastLatency: after.leastLatency + least(own, ({ latency_s }) => latency_s),
			leastCost: after.leastCost + least(own, ({ cost_cores }) => cost_cores),
			leastEnergy: after.leastEnergy + least(own, ({ energy_j = 0 }) => energy_j),
			mostAccuracy,
			mostLog: Math.log(mostAccuracy),
			leastAccuracy: combined(after.leastAccuracy, least(own, accuracyOf)),
			leastPenalty: after.leastPenalty + least(own, penaltyOf),
			mostPenalty: after.mostPenalty + most(own, penaltyOf),
		});
	}
	return ranges.reverse();
}

const accuracyOf = ({ accuracy }: Item) => accuracy;
const penaltyOf = ({ penalty }: Item) => penalty;

function least(own: readonly IndexedItem[], read: (item: Item) => number): number {
	return own.reduce((so, { item }) => Math.min(so, read(item)), Number.POSITIVE_INFINITY);
}

function most(own: readonly IndexedItem[], read: (item: Item) => number): number {
	return own.reduce((so, { item }) => Math.max(so, read(item)), Number.NEGATIVE_INFINITY);
}
