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
