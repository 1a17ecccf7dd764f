import type { SpaceChunk, SpaceColumn } from "./space.js";

/** Points kept so that it is fast to ask whether one of them is at least as good as a given point on every axis. */
export interface DominanceTree {
	/** Adds the point at this index of the values. */
	readonly add: (point: number) => void;
	/** Whether a point is at most the given one on every axis: it dominates it, unless the two are equal. */
	readonly covers: (point: number) => boolean;
}

/** A box around points: of a leaf its own, else those of both halves. */
interface Box {
	/** Least and greatest value of the points on each axis. */
	readonly low: Float64Array;
	readonly high: Float64Array;
	readonly points: Int32Array;
	readonly halves: readonly [Box, Box] | undefined;
}

const leafSize = 16;

/**
 * k-d trees with bounding boxes, less being better on every axis: a box that is worse than the point on one axis holds
 * no point that covers it, and one that is nowhere worse, even with its worst corner, holds nothing else (as in the
 * ND-tree of Jaszkiewicz and Lust, IEEE Trans. Evolutionary Computation 22, 2018). Trees are balanced and never change:
 * two of a size are built anew as one (Bentley and Saxe, J. Algorithms 1, 1980), so sorted points do no harm.
 *
 * @param values of all points, `axes` after `axes`; a point is its index
 */
export function dominanceTree(values: Float64Array, axes: number): DominanceTree {
	/** Largest first, each at least twice the next. */
	const trees: Box[] = [];
	let loose: number[] = [];

	function add(point: number): void {
		loose.push(point);
		if (loose.length < leafSize) return;
		let points = Int32Array.from(loose);
		loose = [];
		for (let last = trees.at(-1); last !== undefined && last.points.length <= points.length; last = trees.at(-1)) {
			const both = new Int32Array(last.points.length + points.length);
			both.set(last.points);
			both.set(points, last.points.length);
			points = both;
			trees.pop();
		}
		trees.push(build(points));
	}

	/** The halves are of the order on the axis on which the points lie widest apart. Reorders the points. */
	function build(points: Int32Array): Box {
		const low = new Float64Array(axes).fill(Number.POSITIVE_INFINITY);
		const high = new Float64Array(axes).fill(Number.NEGATIVE_INFINITY);
		for (const point of points)
			for (let axis = 0; axis < axes; axis++) {
				const value = values[point * axes + axis] as number;
				if (value < (low[axis] as number)) low[axis] = value;
				if (value > (high[axis] as number)) high[axis] = value;
			}
		if (points.length <= leafSize) return { low, high, points, halves: undefined };
		const axis = widest(low, high);
		points.sort((a, b) => (values[a * axes + axis] as number) - (values[b * axes + axis] as number));
		const middle = points.length >> 1;
		return { low, high, points, halves: [build(points.subarray(0, middle)), build(points.subarray(middle))] };
	}

	/** By the extent of the largest tree, since axes have units of their own. */
	function widest(low: Float64Array, high: Float64Array): number {
		const [whole] = trees;
		let best = 0;
		let share = -1;
		for (let axis = 0; axis < axes; axis++) {
			const all = whole === undefined ? 1 : (whole.high[axis] as number) - (whole.low[axis] as number) || 1;
			const own = ((high[axis] as number) - (low[axis] as number)) / all;
			if (own > share) [best, share] = [axis, own];
		}
		return best;
	}

	function coveredBy({ low, high, points, halves }: Box, offset: number): boolean {
		let all = true;
		for (let axis = 0; axis < axes; axis++) {
			const value = values[offset + axis] as number;
			if ((low[axis] as number) > value) return false;
			if ((high[axis] as number) > value) all = false;
		}
		if (all) return true;
		if (halves !== undefined) return coveredBy(halves[0], offset) || coveredBy(halves[1], offset);
		for (const point of points) if (atMost(point * axes, offset)) return true;
		return false;
	}

	function atMost(own: number, other: number): boolean {
		for (let axis = 0; axis < axes; axis++)
			if ((values[own + axis] as number) > (values[other + axis] as number)) return false;
		return true;
	}

	function covers(point: number): boolean {
		const offset = point * axes;
		for (const tree of trees) if (coveredBy(tree, offset)) return true;
		for (const own of loose) if (atMost(own * axes, offset)) return true;
		return false;
	}

	return { add, covers };
}

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
