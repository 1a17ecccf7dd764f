import {
	extreme,
	type Item,
	type Limits,
	misses,
	type Objective,
	rangesOf,
	type Sums,
	tolerance,
} from "../pipeline/objective.js";

/** A feasible choice: an item for each stage, and its objective. */
export interface Incumbent {
	readonly picked: readonly Item[];
	readonly objective: number;
}

type Resource = "latency_s" | "cost_cores" | "energy_j" | "accuracy";

/** Prices of a unit of what each limit limits, and, for products, of the logarithm of accuracy (`worth`). All 0 or more. */
type Prices = Readonly<Record<Resource | "worth", number>>;

/** Each stage's best item at prices, and what they come to. */
interface Point {
	readonly prices: Prices;
	readonly best: readonly Item[];
	/** What the best items are worth. */
	readonly scores: readonly number[];
	/** What the limits themselves are worth, and what rounding may come to. */
	readonly slack: number;
	/** No choice that keeps the limits is worth more, but for the logarithm of a product. */
	readonly total: number;
	readonly whole: Sums;
}

/** A point with what its items from each stage on are worth and come to (at the end, of none). */
type Suffixes = Point & { readonly value: readonly number[]; readonly sums: readonly Sums[] };

const unreachable = Number.NEGATIVE_INFINITY;

/**
 * Lagrangian bounds (Everett, Operations Research 11, 1963): a limit becomes a price of what it limits, and each stage takes
 * its best item alone. A product of accuracies is convex in its logarithm: over the range that can still matter it lies
 * below a straight line through its ends, which is a sum again.
 *
 * @param given items of each stage, at least one
 * @returns items without those that no choice as good as the incumbent holds, the best feasible choice that was met on the
 *   way, and a floor under which no choice is looked for: its objective, or the least that a choice can have
 * @param drop leave out items that only choices worse than the incumbent hold; false where those are looked for
 */
export function relaxation(
	objective: Objective,
	given: readonly (readonly Item[])[],
	limits: Limits,
	{ drop = true } = {},
) {
	const { product, scale, weight, none, plus } = objective;
	// Finite limits, with the slack that rounding is given. Of a product, accuracy bounds the logarithm's range instead.
	const finite = (
		[
			["latency_s", limits.latency_s * (1 + 1e-12)],
			["cost_cores", limits.cost_cores],
			["energy_j", limits.energy_j],
			["accuracy", product ? Number.POSITIVE_INFINITY : limits.accuracy - 1e-12],
		] as const
	).filter(([, limit]) => Number.isFinite(limit));
	let stages = given;
	let ranges = rangesOf(stages, objective);
	const { least, most } = ranges[0]!;
	let incumbent: Incumbent | undefined;
	// Any feasible choice has at least this, so that prices can also prove that there is none.
	let floor = weight * least.accuracy - most.penalty;

	let guess = 1;
	const cheapest = (worth: number): Suffixes => {
		const found = cheapestPrices(worth);
		if (found.prices.latency_s > 0) guess = 2 * found.prices.latency_s;
		return suffixes(found);
	};
	const slopes = (from: number, count: number) => worths(weight, from, most.accuracy, count);
	// Few choices are tried out sooner than their prices are found.
	const few = stages.reduce((count, stage) => count * stage.length, 1) <= 100;
	let points = (few ? [] : product ? slopes(least.accuracy, 3) : [0]).map(cheapest);
	if (!few && incumbent !== undefined && (product || finite.length > 1)) improve(incumbent);
	if (!few && product && incumbent !== undefined)
		points = slopes(Math.max((floor + least.penalty) / weight, limits.accuracy, least.accuracy), 5).map(cheapest);
	if (few || finite.length > 1) points.push(suffixes(pointAt(free(0))));
	if (drop) dropItems();
	return { stages, incumbent, floor, bound, complete };

	/** Summed in another order than `configuration` does: what stands at the limit counts as over it. */
	function feasible({ latency_s, cost_cores, energy_j, accuracy }: Sums): boolean {
		const fast = latency_s * (1 + 1e-12) < limits.latency_s;
		return (
			fast && cost_cores <= limits.cost_cores && energy_j <= limits.energy_j && accuracy * scale >= limits.accuracy
		);
	}

	/** Takes a choice for the incumbent where it is better. */
	function offer(picked: readonly Item[], sums: Sums): boolean {
		const value = objective.of(sums);
		if (!(value > (incumbent?.objective ?? unreachable) && feasible(sums))) return false;
		incumbent = { picked: [...picked], objective: value };
		floor = Math.max(floor, value);
		return true;
	}

	/** Every stage's best item at the prices, offered as a choice: one pass over the items, since it is asked often. */
	function pointAt(prices: Prices): Point {
		const { worth, latency_s: latency, cost_cores: cost, energy_j: energy } = prices;
		const gain = weight + prices.accuracy * scale;
		const priced = cost > 0 || energy > 0;
		const best: Item[] = [];
		const scores: number[] = [];
		let total = 0;
		let { latency_s, accuracy, cost_cores, energy_j, penalty } = none;
		for (const stage of stages) {
			let chosen = stage[0]!;
			let highest = unreachable;
			for (const item of stage) {
				const gained = product ? (worth === 0 ? 0 : worth * item.log) : gain * item.accuracy;
				let score = gained - item.penalty - latency * item.latency_s;
				if (priced) score -= cost * item.cost_cores + energy * item.energy_j;
				if (score > highest) {
					chosen = item;
					highest = score;
				}
			}
			best.push(chosen);
			scores.push(highest);
			total += highest;
			latency_s += chosen.latency_s;
			accuracy = product ? accuracy * chosen.accuracy : accuracy + chosen.accuracy;
			cost_cores += chosen.cost_cores;
			energy_j += chosen.energy_j;
			penalty += chosen.penalty;
		}
		let slack = 0;
		let size = Math.abs(total);
		for (const [name, limit] of finite) {
			slack += (name === "accuracy" ? -1 : 1) * prices[name] * limit;
			size += Math.abs(prices[name] * limit);
		}
		if (Number.isFinite(size)) slack += 1e-13 * size;
		const whole = { latency_s, accuracy, cost_cores, energy_j, penalty };
		offer(best, whole);
		return { prices, best, scores, slack, total: total + slack, whole };
	}

	function suffixes(point: Point): Suffixes {
		const value = [0];
		const sums = [none];
		for (const [s, item] of [...point.best.entries()].reverse()) {
			value.unshift(value[0]! + point.scores[s]!);
			sums.unshift(plus(sums[0]!, item));
		}
		return { ...point, value, sums };
	}

	/** How far the sums are over a limit: negative within it. */
	function excess(sums: Sums, name: Resource, limit: number): number {
		return name === "accuracy" ? limit - sums.accuracy * scale : sums[name] - limit;
	}

	/**
	 * Prices that make the bound of all choices small: the latency's by bisection, all of them together by steps against what
	 * they leave over or under (Polyak's subgradient method, after Held, Wolfe and Crowder, Math. Programming 6, 1974).
	 */
	function cheapestPrices(worth: number): Point {
		const known = floor;
		const unpriced = pointAt(free(worth));
		if (finite.every(([name, limit]) => excess(unpriced.whole, name, limit) <= 0)) return unpriced;
		let best = unpriced;
		const [first, ...others] = finite;
		if (first?.[0] === "latency_s") {
			const slow = ({ whole }: Point) => whole.latency_s > first[1];
			const at = (latency_s: number) => pointAt({ ...free(worth), latency_s });
			let low = 0;
			let high = guess;
			best = at(high);
			for (; slow(best) && high < 1e12; best = at(high)) high *= 4;
			for (let step = 0; step < (product ? 16 : 40); step++) {
				const middle = at((low + high) / 2);
				if (slow(middle)) low = middle.prices.latency_s;
				else [high, best] = [middle.prices.latency_s, middle];
			}
			if (others.length === 0) return best;
		}
		let current = best.total < unpriced.total ? best : unpriced;
		best = current;
		for (let step = 0, stride = 1.5, since = 0; step < (product ? 60 : 150); step++) {
			const { whole, prices, total } = current;
			const gradient = finite.map(([name, limit]) => {
				const unit = Math.max(Math.abs(limit), 1e-9);
				return { name, unit, over: excess(whole, name, limit) / unit };
			});
			const length = gradient.reduce(
				(sum, { name, over }) => sum + (prices[name] === 0 && over < 0 ? 0 : over ** 2),
				0,
			);
			if (length === 0) break;
			const size = (stride * Math.max(total - known, 1e-9 * Math.max(1, Math.abs(known)))) / length;
			const next = free(worth);
			for (const { name, unit, over } of gradient) next[name] = Math.max(0, prices[name] + (size * over) / unit);
			current = pointAt(next);
			if (current.total < best.total) [best, since] = [current, 0];
			else if (++since === 6) [stride, since, current] = [stride / 2, 0, best];
			if (best.total < known) break;
		}
		return best;
	}

	/** The choice with one item after the other changed for a better one. */
	function improve({ picked: from }: Incumbent): void {
		const picked = [...from];
		for (let round = 0, changed = true; changed && round < 3; round++) {
			changed = false;
			for (const [s, stage] of stages.entries()) {
				const others = picked.reduce((sums, item, t) => (t === s ? sums : plus(sums, item)), none);
				let kept = picked[s]!;
				for (const item of stage) {
					picked[s] = item;
					if (offer(picked, plus(others, item))) [kept, changed] = [item, true];
				}
				picked[s] = kept;
			}
		}
	}

	/** No feasible completion of a choice for the first s stages is above this; -Infinity: none, or none as good as known. */
	function bound(s: number, sums: Sums, known: number): number {
		const { least, most, mostLog } = ranges[s]!;
		const reach_s = sums.latency_s + least.latency_s;
		if (s === stages.length ? misses(reach_s, limits) : reach_s > limits.latency_s * (1 + 1e-12)) return unreachable;
		if (sums.cost_cores + least.cost_cores > limits.cost_cores) return unreachable;
		if (sums.energy_j + least.energy_j > limits.energy_j) return unreachable;
		const reach = product ? sums.accuracy * most.accuracy : sums.accuracy + most.accuracy;
		if (reach * scale < limits.accuracy - 1e-12) return unreachable;
		const gained = weight * sums.accuracy;
		const bar = known - tolerance(known);
		let lowest = weight * reach - sums.penalty - least.penalty;
		if (lowest < bar) return unreachable;
		// A smaller product of what is left would be worse than what is known.
		const needed = product && gained > 0 ? Math.max((bar + sums.penalty + least.penalty) / gained, least.accuracy) : 0;
		const needLog = Math.log(needed);
		for (const { prices, slack, value: from } of points) {
			const { latency_s, cost_cores, energy_j, accuracy, worth } = prices;
			let value = slack + from[s]! - sums.penalty - latency_s * sums.latency_s;
			value -= cost_cores * sums.cost_cores + energy_j * sums.energy_j;
			if (!product) value += (weight + accuracy * scale) * sums.accuracy;
			else if (worth === 0) value += gained * most.accuracy;
			else if (needed > 0)
				value += Math.max(gained * needed - worth * needLog, gained * most.accuracy - worth * mostLog);
			else continue;
			if (value < bar) return unreachable;
			if (value < lowest) lowest = value;
		}
		return lowest;
	}

	/** Items of the stages from s on that make a feasible choice above the floor, where one is at hand. */
	function complete(s: number, sums: Sums, known: number): Incumbent | undefined {
		let found: Incumbent | undefined;
		for (const { sums: rest, best } of points) {
			const whole = plus(sums, rest[s]!);
			const value = objective.of(whole);
			if (value > (found?.objective ?? known) && feasible(whole)) found = { picked: best.slice(s), objective: value };
		}
		return found;
	}

	/** Leaves out the items that even with the best of all other stages fall short of the floor. */
	function dropItems(): void {
		const bar = floor - tolerance(floor);
		const usable = points.filter(({ prices }) => prices.worth === 0);
		const bestOf = stages.map((stage) => ({
			...extreme(stage, Math.min),
			accuracy: extreme(stage, Math.max).accuracy,
		}));
		stages = stages.map((stage, s) => {
			const others = bestOf.reduce((sums, other, t) => (t === s ? sums : plus(sums, other)), none);
			return stage.filter((item) => {
				const whole = plus(others, item);
				if (objective.of(whole) < bar) return false;
				return usable.every(({ prices: { latency_s, cost_cores, energy_j, accuracy }, total, scores }) => {
					const priced = latency_s * item.latency_s + cost_cores * item.cost_cores + energy_j * item.energy_j;
					const gain = product ? weight * whole.accuracy : (weight + accuracy * scale) * item.accuracy;
					return total - scores[s]! + gain - item.penalty - priced >= bar;
				});
			});
		});
		// Nothing is as good as the least that a feasible choice has: none is feasible.
		if (stages.some((stage) => stage.length === 0)) return;
		ranges = rangesOf(stages, objective);
		points = points.map(({ prices }) => suffixes(pointAt(prices)));
	}
}

function free(worth: number) {
	return { latency_s: 0, cost_cores: 0, energy_j: 0, accuracy: 0, worth };
}

/** Slopes of alpha x product over the products that can matter, and 0, which bounds where the least of them is 0. */
function worths(alpha: number, least: number, most: number, count: number): number[] {
	const from = Math.max(least, 1e-3 * most, Number.MIN_VALUE);
	const slopes = Array.from({ length: count }, (_, i) => alpha * from * (most / from) ** (i / (count - 1)));
	return [0, ...(most > from ? slopes : slopes.slice(0, 1)).filter((slope) => slope > 0)];
}
