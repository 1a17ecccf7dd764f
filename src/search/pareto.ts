import { dominanceTree } from "./dominanceTree.js";
import type { SpaceChunk } from "./space.js";
import type { SpaceColumn } from "./spaceColumns.js";

/** An axis of a front, and which way is better. */
export interface Axis {
	readonly column: SpaceColumn;
	readonly better: "less" | "more";
}

/**
 * Pareto front over 2 to 5 axes among the given rows: the rows that no other is at least as good as on every axis and
 * better on one. Rows of equal values on all axes are on the front together. Rows of the chunk, by rising first axis (its
 * better end first), then the others, then the row.
 *
 * Rows that follow each other differ in little, so fronts of short blocks leave few of them; again and again, until the
 * blocks leave most of what they are given. What is left is sorted, so that a later row never dominates an earlier one,
 * and each is asked of the front so far.
 */
export function paretoFront(chunk: SpaceChunk, rows: Int32Array, axes: readonly Axis[]): Int32Array {
	if (axes.length < 2 || axes.length > 5) throw new RangeError(`a front has 2 to 5 axes, not ${axes.length}`);
	const columns = axes.map(({ column }) => {
		const values = chunk.columns[column];
		if (values === undefined) throw new RangeError(`the space has no column ${column}: an option of it has no energy`);
		return values;
	});
	const signs = axes.map(({ better }) => (better === "less" ? 1 : -1));
	let left = rows;
	while (left.length > block) {
		const kept = new Int32Array(left.length);
		let count = 0;
		for (let from = 0; from < left.length; from += block) {
			const front = frontOf(left.subarray(from, from + block), columns, signs);
			kept.set(front, count);
			count += front.length;
		}
		const before = left.length;
		left = kept.slice(0, count);
		if (count > before / 2) break;
	}
	return frontOf(left, columns, signs);
}

const block = 1 << 14;

function frontOf(rows: Int32Array, columns: readonly Float64Array[], signs: readonly number[]): Int32Array {
	const axes = columns.length;
	const kept = thinned(rows, columns, signs);
	const values = new Float64Array(kept.length * axes);
	for (let i = 0; i < kept.length; i++)
		for (let axis = 0; axis < axes; axis++)
			values[i * axes + axis] =
				(signs[axis] as number) * ((columns[axis] as Float64Array)[kept[i] as number] as number);
	const difference = (a: number, b: number) => {
		for (let axis = 0; axis < axes; axis++) {
			const apart = (values[a * axes + axis] as number) - (values[b * axes + axis] as number);
			if (apart !== 0) return apart;
		}
		return 0;
	};
	const order = Int32Array.from(kept, (_, i) => i).sort(
		(a, b) => difference(a, b) || (kept[a] as number) - (kept[b] as number),
	);
	const tree = dominanceTree(values, axes);
	const front: number[] = [];
	// Equal rows follow each other and share the answer of the first.
	let first: number | undefined;
	let best = false;
	for (const point of order) {
		if (first === undefined || difference(first, point) !== 0) {
			first = point;
			best = !tree.covers(point);
			if (best) tree.add(point);
		}
		if (best) front.push(kept[point] as number);
	}
	return Int32Array.from(front);
}

const most = 64;

/**
 * Drops rows that a few strong ones dominate, in one pass without sorting: most of a space goes here. Any set of guards is
 * right, a good one is fast: a new one takes the place of the one that dominates the smallest part of the values' box.
 */
function thinned(rows: Int32Array, columns: readonly Float64Array[], signs: readonly number[]): Int32Array {
	const axes = columns.length;
	if (rows.length < 1000) return rows;
	const [least, width] = box(rows, columns, signs);
	const guards = new Float64Array(most * axes);
	const reach = new Float64Array(most);
	const point = new Float64Array(axes);
	const kept = new Int32Array(rows.length);
	let count = 0;
	let held = 0;
	for (const row of rows) {
		for (let axis = 0; axis < axes; axis++)
			point[axis] = (signs[axis] as number) * ((columns[axis] as Float64Array)[row] as number);
		if (dominated(guards, held, point)) continue;
		kept[count++] = row;
		let own = 1;
		for (let axis = 0; axis < axes; axis++)
			own *= 1 - ((point[axis] as number) - (least[axis] as number)) / (width[axis] as number) + 1e-9;
		let at = held;
		if (held < most) held++;
		else {
			at = 0;
			for (let guard = 1; guard < most; guard++) if ((reach[guard] as number) < (reach[at] as number)) at = guard;
			if ((reach[at] as number) >= own) continue;
		}
		guards.set(point, at * axes);
		reach[at] = own;
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
			const apart = (point[axis] as number) - (guards[guard + axis] as number);
			if (apart < 0) break;
			if (apart > 0) less = true;
		}
		if (axis === axes && less) return true;
	}
	return false;
}

/** Least value on each axis, and how far the values reach from it. */
function box(rows: Int32Array, columns: readonly Float64Array[], signs: readonly number[]): [number[], number[]] {
	const ends = columns.map((column, axis) => {
		let low = Number.POSITIVE_INFINITY;
		let high = Number.NEGATIVE_INFINITY;
		for (const row of rows) {
			const value = (signs[axis] as number) * (column[row] as number);
			if (value < low) low = value;
			if (value > high) high = value;
		}
		return [low, high - low || 1] as const;
	});
	return [ends.map(([low]) => low), ends.map(([, width]) => width)];
}
