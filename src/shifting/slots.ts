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

/**
 * When a batch job's result is wanted, by the rules of Let's Wait Awhile (Wiesner et al., Middleware '21, arXiv
 * 2110.13234; its code at 5e0d155): with a finish inside working hours (Monday to Friday, 9:00 to 17:00) at once, else at
 * 9:00 of the next workday, which after 17:00 on a Friday is, by its authors' rule, Saturday; or at 9:00 of the next
 * Monday or Thursday.
 */
export type Deadline = "next workday" | "Monday or Thursday";

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;

/**
 * The deadline of a job that would finish at an instant, ms.
 *
 * @param finish_ms when it would finish if it began at once, ms since 1970 UTC
 */
export function deadline(rule: Deadline, finish_ms: number): number {
	const midnight = Math.floor(finish_ms / day_ms) * day_ms;
	const clock = (finish_ms - midnight) / hour_ms;
	// 1970 began on a Thursday; Monday is 0.
	const weekday = (midnight / day_ms + 3) % 7;
	const nine = (days: number) => midnight + days * day_ms + 9 * hour_ms;
	if (rule === "next workday") {
		if (weekday === 5) return nine(2);
		if (weekday === 6 || clock > 17) return nine(1);
		return clock < 9 ? nine(0) : finish_ms;
	}
	const toThursday = (weekday === 0 && clock > 9) || weekday === 1 || weekday === 2 || (weekday === 3 && clock <= 9);
	return nine(toThursday ? (3 - weekday + 7) % 7 : (7 - weekday) % 7);
}
