/** The slots in which a job may run, as indices into a series: its length, and the window it must lie in. */
export interface Window {
	/** First slot allowed. */
	readonly from: number;
	/** First slot past the window: a deadline. */
	readonly to: number;
	/** How many slots the job takes. */
	readonly length: number;
}

/** Slots that a job takes, ascending, and what they add up to. */
export interface Slots {
	readonly slots: readonly number[];
	readonly sum: number;
}

/** Running sums: prefixSums(v)[k] is the sum of the first k values. */
export function prefixSums(values: ArrayLike<number>): Float64Array {
	const sums = new Float64Array(values.length + 1);
	for (let k = 0; k < values.length; k++) sums[k + 1] = sums[k]! + values[k]!;
	return sums;
}

/**
 * The contiguous slots of least sum within a window, the earliest of equals: the best start of a job that must not pause.
 *
 * @param values price of each slot: carbon intensity, money
 * @param sums prefixSums of the values, where many windows of one series are asked for
 * @throws RangeError where the window is outside the values, or shorter than the job
 * @example
 * cheapestRun([5, 1, 2, 9], { from: 0, to: 4, length: 2 }); // { slots: [1, 2], sum: 3 }
 */
export function cheapestRun(values: ArrayLike<number>, window: Window, sums = prefixSums(values)): Slots {
	check(values, window);
	const { from, to, length } = window;
	let best = from;
	let least = sums[from + length]! - sums[from]!;
	for (let start = from + 1; start + length <= to; start++) {
		const sum = sums[start + length]! - sums[start]!;
		// Differences of running sums carry rounding errors: a start that is no cheaper than that is an equal.
		if (sum < least - 1e-9 * Math.abs(least)) {
			least = sum;
			best = start;
		}
	}
	return taken(
		values,
		Array.from({ length }, (_, k) => best + k),
	);
}

/**
 * The slots of least sum within a window, the earliest of equals: a job that may pause between any two slots.
 *
 * @throws RangeError as cheapestRun
 */
export function cheapestSlots(values: ArrayLike<number>, window: Window): Slots {
	check(values, window);
	const { from, to, length } = window;
	const slots = Array.from({ length: to - from }, (_, k) => from + k)
		.sort((a, b) => values[a]! - values[b]! || a - b)
		.slice(0, length)
		.sort((a, b) => a - b);
	return taken(values, slots);
}

function taken(values: ArrayLike<number>, slots: readonly number[]): Slots {
	return { slots, sum: slots.reduce((sum, slot) => sum + values[slot]!, 0) };
}

function check(values: ArrayLike<number>, { from, to, length }: Window): void {
	if (!(from >= 0 && to <= values.length && length > 0 && from + length <= to))
		throw new RangeError(
			`a job of ${length} slots must fit between ${from} and ${to}, in a series of ${values.length} values`,
		);
}
