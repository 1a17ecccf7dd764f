/** Points kept so that it is fast to ask whether one of them is at least as good as a given point on every axis. */
export interface Dominance {
	/** Adds the point at this index of the values. */
	readonly add: (point: number) => void;
	/** Whether a point is at most the given one on every axis: it dominates it, unless the two are equal. */
	readonly covers: (point: number) => boolean;
}

/**
 * Those that no earlier one is at most on every axis. Sorted so that none is better than an earlier one on an axis that is
 * left out, and on all axes where equal there, what is kept is undominated, of equal ones the first.
 *
 * @param read each axis, less being better
 * @param stopped asked before each; where it says so the answer is undefined
 */
export function undominated<T>(sorted: readonly T[], read: readonly ((of: T) => number)[]): T[];
export function undominated<T>(
	sorted: readonly T[],
	read: readonly ((of: T) => number)[],
	stopped: () => boolean,
): T[] | undefined;
export function undominated<T>(
	sorted: readonly T[],
	read: readonly ((of: T) => number)[],
	stopped = () => false,
): T[] | undefined {
	const axes = read.length;
	const values = new Float64Array(sorted.length * axes);
	for (const [axis, readAxis] of read.entries())
		for (let point = 0; point < sorted.length; point++) values[point * axes + axis] = readAxis(sorted[point]!);
	const kept: T[] = [];
	const { add, covers } = dominance(values, axes);
	for (let point = 0; point < sorted.length; point++) {
		if (stopped()) return undefined;
		if (covers(point)) continue;
		add(point);
		kept.push(sorted[point]!);
	}
	return kept;
}

/** @param values of all points, `axes` after `axes`; a point is its index */
export function dominance(values: Float64Array, axes: number): Dominance {
	return axes === 1 ? least(values) : axes === 2 ? staircase(values) : dominanceTree(values, axes);
}

function least(values: Float64Array): Dominance {
	let lowest = Number.POSITIVE_INFINITY;
	return {
		covers: (point) => lowest <= values[point]!,
		add: (point) => {
			lowest = Math.min(lowest, values[point]!);
		},
	};
}

/** The points that nothing covers, by rising first axis and so by falling second. */
function staircase(values: Float64Array): Dominance {
	const firsts: number[] = [];
	const seconds: number[] = [];
	/** Steps whose first value is at most the given. */
	const upTo = (value: number) => {
		let low = 0;
		let high = firsts.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (firsts[middle]! <= value) low = middle + 1;
			else high = middle;
		}
		return low;
	};
	return {
		covers: (point) => {
			const step = upTo(values[2 * point]!) - 1;
			return step >= 0 && seconds[step]! <= values[2 * point + 1]!;
		},
		add: (point) => {
			const first = values[2 * point]!;
			const second = values[2 * point + 1]!;
			let from = upTo(first);
			while (from > 0 && firsts[from - 1] === first) from--;
			let to = from;
			while (to < seconds.length && seconds[to]! >= second) to++;
			firsts.splice(from, to - from, first);
			seconds.splice(from, to - from, second);
		},
	};
}

/** A box around points: of a leaf the ones in it, else those of both halves. */
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
 */
function dominanceTree(values: Float64Array, axes: number): Dominance {
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
				const value = values[point * axes + axis]!;
				if (value < low[axis]!) low[axis] = value;
				if (value > high[axis]!) high[axis] = value;
			}
		if (points.length <= leafSize) return { low, high, points, halves: undefined };
		const axis = widest(low, high);
		points.sort((a, b) => values[a * axes + axis]! - values[b * axes + axis]!);
		const middle = points.length >> 1;
		return { low, high, points, halves: [build(points.subarray(0, middle)), build(points.subarray(middle))] };
	}

	/** By the extent of the largest tree, since axes have units of their own. */
	function widest(low: Float64Array, high: Float64Array): number {
		const [whole] = trees;
		let best = 0;
		let most = -1;
		for (let axis = 0; axis < axes; axis++) {
			const all = whole === undefined ? 1 : whole.high[axis]! - whole.low[axis]! || 1;
			const share = (high[axis]! - low[axis]!) / all;
			if (share > most) [best, most] = [axis, share];
		}
		return best;
	}

	function coveredBy({ low, high, points, halves }: Box, offset: number): boolean {
		let all = true;
		for (let axis = 0; axis < axes; axis++) {
			const value = values[offset + axis]!;
			if (low[axis]! > value) return false;
			if (high[axis]! > value) all = false;
		}
		if (all) return true;
		if (halves !== undefined) return coveredBy(halves[0], offset) || coveredBy(halves[1], offset);
		for (const point of points) if (atMost(point * axes, offset)) return true;
		return false;
	}

	function atMost(offset: number, other: number): boolean {
		for (let axis = 0; axis < axes; axis++) if (values[offset + axis]! > values[other + axis]!) return false;
		return true;
	}

	function covers(point: number): boolean {
		const offset = point * axes;
		for (const tree of trees) if (coveredBy(tree, offset)) return true;
		for (const other of loose) if (atMost(other * axes, offset)) return true;
		return false;
	}

	return { add, covers };
}
