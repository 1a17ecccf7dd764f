import { dominance } from "./dominance.js";
import { columnOf, type SpaceChunk, type SpaceColumn } from "./space.js";

/** An axis of a front, and which way is better. */
export interface Axis {
	readonly column: SpaceColumn;
	readonly better: "less" | "more";
}

/** A column, and what it is multiplied by so that less is better. */
type Oriented = readonly [column: Float64Array, sign: number];

/**
 * Pareto front over 2 to 5 axes among the given rows: the rows that no other is at least as good as on every axis and
 * better on one. Rows of equal values on all axes are on the front together. Rows of the chunk, by rising first axis (its
 * better end first), then the others, then the row.
 *
 * Rows that follow each other differ in little, so fronts of short blocks leave few of them; again and again, until the
 * blocks leave most of what they are given. What is left is sorted, so that a later row never dominates an earlier one,
 * and each is asked of the front so far.
 *
 * @example
 * const spec = { ...(await pipeline.readPreset("sum-qa")).spec, scaling_cap: 2, arrival_rate_rps: 5 };
 * const space = search.wholeSpace(pipeline.pipelineOptions(spec));
 * const axes = [{ column: "cost_cores", better: "less" }, { column: "accuracy", better: "more" }];
 * const front = search.paretoFront(space, search.feasibleRows(space), axes);
 * [...front].map((row) => space.columns.cost_cores[row]); // → [4, 6, 10, 18]
 */
export function paretoFront(chunk: SpaceChunk, rows: Int32Array, axes: readonly Axis[]): Int32Array {
	if (axes.length < 2 || axes.length > 5) throw new RangeError(`a front has 2 to 5 axes, not ${axes.length}`);
	const oriented = axes.map(({ column, better }): Oriented => [columnOf(chunk, column), better === "less" ? 1 : -1]);
	let left = rows;
	while (left.length > block) {
		const kept = new Int32Array(left.length);
		let count = 0;
		for (let from = 0; from < left.length; from += block) {
			const front = frontOf(left.subarray(from, from + block), oriented);
			kept.set(front, count);
			count += front.length;
		}
		const before = left.length;
		left = kept.slice(0, count);
		if (count > before / 2) break;
	}
	return frontOf(left, oriented);
}

const block = 1 << 14;

function frontOf(rows: Int32Array, oriented: readonly Oriented[]): Int32Array {
	const axes = oriented.length;
	const kept = thinned(rows, oriented);
	const values = new Float64Array(kept.length * axes);
	for (const [axis, [column, sign]] of oriented.entries())
		for (let i = 0; i < kept.length; i++) values[i * axes + axis] = sign * column[kept[i]!]!;
	const difference = (a: number, b: number) => {
		for (let axis = 0; axis < axes; axis++) {
			const apart = values[a * axes + axis]! - values[b * axes + axis]!;
			if (apart !== 0) return apart;
		}
		return 0;
	};
	const order = Int32Array.from(kept, (_, i) => i).sort((a, b) => difference(a, b) || kept[a]! - kept[b]!);
	const { add, covers } = dominance(values, axes);
	const front: number[] = [];
	// Equal rows follow each other and share the answer of the first.
	let first: number | undefined;
	let best = false;
	for (const point of order) {
		if (first === undefined || difference(first, point) !== 0) {
			first = point;
			best = !covers(point);
			if (best) add(point);
		}
		if (best) front.push(kept[point]!);
	}
	return Int32Array.from(front);
}

/** Rows that are held against every other. */
const mostGuards = 64;

/**
 * Drops rows that a few strong ones dominate, in one pass without sorting: most of a space goes here. Any set of guards is
 * right, a good one is fast: a new one takes the place of the one that dominates the smallest part of the values' box.
 */
function thinned(rows: Int32Array, oriented: readonly Oriented[]): Int32Array {
	const axes = oriented.length;
	if (rows.length < 1000) return rows;
	const [least, width] = box(rows, oriented);
	const guards = new Float64Array(mostGuards * axes);
	const reach = new Float64Array(mostGuards);
	const point = new Float64Array(axes);
	const kept = new Int32Array(rows.length);
	let count = 0;
	let held = 0;
	for (const row of rows) {
		for (let axis = 0; axis < axes; axis++) {
			const [column, sign] = oriented[axis]!;
			point[axis] = sign * column[row]!;
		}
		if (dominated(guards, held, point)) continue;
		kept[count++] = row;
		let volume = 1;
		for (let axis = 0; axis < axes; axis++) volume *= 1 - (point[axis]! - least[axis]!) / width[axis]! + 1e-9;
		let at = held;
		if (held < mostGuards) held++;
		else {
			at = 0;
			for (let guard = 1; guard < mostGuards; guard++) if (reach[guard]! < reach[at]!) at = guard;
			if (reach[at]! >= volume) continue;
		}
		guards.set(point, at * axes);
		reach[at] = volume;
	}
	return kept.slice(0, count);
}

/** Is one of the first `held` guards at most the point on every axis, and less on one? */
function dominated(guards: Float64Array, held: number, point: Float64Array): boolean {
	const axes = point.length;
	for (let guard = 0; guard < held * axes; guard += axes) {
		let axis = 0;
		let less = false;
		for (; axis < axes; axis++) {
			const apart = point[axis]! - guards[guard + axis]!;
			if (apart < 0) break;
			if (apart > 0) less = true;
		}
		if (axis === axes && less) return true;
	}
	return false;
}

/** Least value on each axis, and how far the values reach from it. */
function box(rows: Int32Array, oriented: readonly Oriented[]): [least: number[], width: number[]] {
	const ends = oriented.map(([column, sign]) => {
		let low = Number.POSITIVE_INFINITY;
		let high = Number.NEGATIVE_INFINITY;
		for (const row of rows) {
			const value = sign * column[row]!;
			if (value < low) low = value;
			if (value > high) high = value;
		}
		return [low, high - low || 1] as const;
	});
	return [ends.map(([low]) => low), ends.map(([, width]) => width)];
}
