import type { PipelineSpec } from "../pipeline/spec.js";
import type { IndexedItem, Item, Limits } from "./items.js";

/** What a choice for some of the stages comes to. */
export interface Sums {
	readonly latency_s: number;
	/** Product of accuracies, or their sum. */
	readonly accuracy: number;
	readonly penalty: number;
	readonly cost_cores: number;
	readonly energy_j: number;
}

/** Prices of a unit of what each limit limits, and, for products, of the logarithm of accuracy. All 0 or more. */
export interface Multipliers {
	readonly latency: number;
	readonly cost: number;
	readonly energy: number;
	readonly accuracy: number;
	readonly worth: number;
}

/** Each stage's best item at multipliers, and what they come to. */
export interface Point extends Multipliers {
	/** What the limits themselves are worth, and what rounding may come to. */
	readonly limits: number;
	/** No choice that keeps the limits is worth more, but for the logarithm of a product. */
	readonly total: number;
	readonly whole: Sums;
	readonly best: readonly IndexedItem[];
	/** The best items' worth. */
	readonly scores: readonly number[];
}

/** A point whose sums are known from each stage on (and, last, from none). */
export interface Prices extends Point {
	readonly value: readonly number[];
	readonly sums: readonly Sums[];
}

/** What the search adds up, and by which weights. */
export interface Terms {
	readonly product: boolean;
	/** 1 / stages for an average of accuracies, else 1. */
	readonly scale: number;
	/** Of a sum (or product) of accuracies in the objective. */
	readonly weight: number;
	readonly start: Sums;
	/** Limits that are finite, with the slack that rounding is given. */
	readonly bounded: readonly (readonly [Resource, number])[];
}

type Resource = "latency" | "cost" | "energy" | "accuracy";

export function termsOf(spec: PipelineSpec, stages: number, limits: Limits): Terms {
	const product = spec.accuracy_method === "product";
	const scale = spec.accuracy_method === "average" ? 1 / stages : 1;
	const asked = [
		["latency", limits.latency_s * (1 + 1e-12)],
		["cost", limits.cost_cores],
		["energy", limits.energy_j],
		// Least, not most. Of a product it bounds the logarithm's range instead.
		["accuracy", product ? Number.POSITIVE_INFINITY : limits.accuracy - 1e-12],
	] as const;
	return {
		product,
		scale,
		weight: spec.weights.alpha * scale,
		start: { latency_s: 0, accuracy: product ? 1 : 0, penalty: 0, cost_cores: 0, energy_j: 0 },
		bounded: asked.filter(([, limit]) => Number.isFinite(limit)),
	};
}

/** The sums with an item's own. */
export function withItem(sums: Sums, item: Item, product: boolean): Sums {
	return {
		latency_s: sums.latency_s + item.latency_s,
		accuracy: product ? sums.accuracy * item.accuracy : sums.accuracy + item.accuracy,
		penalty: sums.penalty + item.penalty,
		cost_cores: sums.cost_cores + item.cost_cores,
		energy_j: sums.energy_j + (item.energy_j ?? 0),
	};
}

export function plus(a: Sums, b: Sums, product: boolean): Sums {
	return {
		latency_s: a.latency_s + b.latency_s,
		accuracy: product ? a.accuracy * b.accuracy : a.accuracy + b.accuracy,
		penalty: a.penalty + b.penalty,
		cost_cores: a.cost_cores + b.cost_cores,
		energy_j: a.energy_j + b.energy_j,
	};
}

/** Every stage's best item at the multipliers: one pass over the items, since it is asked often. */
export function pointAt(stages: readonly (readonly IndexedItem[])[], own: Multipliers, terms: Terms): Point {
	const { worth, latency, cost, energy, accuracy: priceOfAccuracy } = own;
	const { product, bounded } = terms;
	const gain = terms.weight + priceOfAccuracy * terms.scale;
	const priced = cost > 0 || energy > 0;
	const best: IndexedItem[] = [];
	const scores: number[] = [];
	let total = 0;
	let { latency_s, accuracy, penalty, cost_cores, energy_j } = terms.start;
	for (const stage of stages) {
		let chosen = stage[0] as IndexedItem;
		let most = Number.NEGATIVE_INFINITY;
		for (const entry of stage) {
			const { item, log } = entry;
			let score =
				(product ? (worth === 0 ? 0 : worth * log) : gain * item.accuracy) - item.penalty - latency * item.latency_s;
			if (priced) score -= cost * item.cost_cores + (energy === 0 ? 0 : energy * (item.energy_j as number));
			if (score > most) {
				chosen = entry;
				most = score;
			}
		}
		best.push(chosen);
		scores.push(most);
		total += most;
		latency_s += chosen.item.latency_s;
		accuracy = product ? accuracy * chosen.item.accuracy : accuracy + chosen.item.accuracy;
		penalty += chosen.item.penalty;
		cost_cores += chosen.item.cost_cores;
		energy_j += chosen.item.energy_j ?? 0;
	}
	let limits = 0;
	let size = Math.abs(total);
	for (const [name, limit] of bounded) {
		const worthOf = own[name] * limit;
		limits += name === "accuracy" ? -worthOf : worthOf;
		size += Math.abs(worthOf);
	}
	if (Number.isFinite(size)) limits += 1e-13 * size;
	const whole = { latency_s, accuracy, penalty, cost_cores, energy_j };
	// Written out: spreading costs as much as the pass.
	return {
		latency,
		cost,
		energy,
		accuracy: priceOfAccuracy,
		worth,
		limits,
		total: total + limits,
		whole,
		best,
		scores,
	};
}

/** The point with its sums from each stage on. */
export function fromEveryStage(point: Point, { start, product }: Terms): Prices {
	const value = [0];
	const sums = [start];
	for (let s = point.best.length - 1; s >= 0; s--) {
		value.push((value.at(-1) as number) + (point.scores[s] as number));
		sums.push(withItem(sums.at(-1) as Sums, (point.best[s] as IndexedItem).item, product));
	}
	return { ...point, value: value.reverse(), sums: sums.reverse() };
}

/** How far the sums are over a limit: negative within it. */
export function excess(sums: Sums, name: Resource, limit: number, scale: number): number {
	if (name === "accuracy") return limit - sums.accuracy * scale;
	return (name === "latency" ? sums.latency_s : name === "cost" ? sums.cost_cores : sums.energy_j) - limit;
}

/**
 * Prices that make the bound of all choices small: the latency's by bisection, all of them together by steps against what
 * they leave over or under (Polyak's subgradient method, after Held, Wolfe and Crowder, Math. Programming 6, 1974).
 *
 * @param evaluate the prices at multipliers
 * @param known a value that some choice has, or the least that one can have
 * @param guess where to begin with the price of latency
 */
export function cheapestPrices(
	evaluate: (own: Multipliers) => Point,
	worth: number,
	{ product, bounded, scale }: Terms,
	{ known, guess = 1 }: { known: number; guess?: number | undefined },
): Point {
	const free = { latency: 0, cost: 0, energy: 0, accuracy: 0, worth };
	const unpriced = evaluate(free);
	if (bounded.every(([name, limit]) => excess(unpriced.whole, name, limit, scale) <= 0)) return unpriced;
	const [only, ...others] = bounded;
	let best = unpriced;
	if (only?.[0] === "latency") {
		const slow = (own: Point) => excess(own.whole, "latency", only[1], scale) > 0;
		let low = 0;
		let high = guess;
		best = evaluate({ ...free, latency: high });
		for (; slow(best) && high < 1e12; best = evaluate({ ...free, latency: high })) high *= 4;
		for (let step = 0; step < (product ? 16 : 40); step++) {
			const middle = (low + high) / 2;
			const own = evaluate({ ...free, latency: middle });
			if (slow(own)) low = middle;
			else [high, best] = [middle, own];
		}
		if (others.length === 0) return best;
	}
	let own = best.total < unpriced.total ? best : unpriced;
	best = own;
	for (let step = 0, stride = 1.5, since = 0; step < (product ? 60 : 150); step++) {
		const gradient = bounded.map(([name, limit]) => {
			const unit = Math.max(Math.abs(limit), 1e-9);
			return { name, unit, over: excess(own.whole, name, limit, scale) / unit };
		});
		const length = gradient.reduce((sum, { name, over: far }) => sum + (own[name] === 0 && far < 0 ? 0 : far * far), 0);
		if (length === 0) break;
		const size = (stride * Math.max(own.total - known, 1e-9 * Math.max(1, Math.abs(known)))) / length;
		const next = { ...free };
		for (const { name, unit, over: far } of gradient) next[name] = Math.max(0, own[name] + (size * far) / unit);
		own = evaluate({ ...next, worth });
		if (own.total < best.total) [best, since] = [own, 0];
		else if (++since === 6) [stride, since, own] = [stride / 2, 0, best];
		if (best.total < known) break;
	}
	return best;
}
