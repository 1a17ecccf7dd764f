import { faultIn, type Outcome } from "./checks.js";
import { erfc } from "./distributions.js";

/**
 * Ranks from 1 to n; ties share the average of the ranks that they span (mid-ranks).
 * Values are compared exactly: two that differ in the last bit are not tied. Finite values only.
 *
 * @example
 * ranks([10, 20, 20, 30]); // 1, 2.5, 2.5, 4
 */
export function ranks(values: ArrayLike<number>): Float64Array {
	const n = values.length;
	// The native sort of a typed array without a comparator is several times faster than sorting indices.
	const sorted = Float64Array.from(values).sort();
	const distinct = new Float64Array(n);
	const average = new Float64Array(n);
	let count = 0;
	for (let start = 0; start < n; ) {
		let end = start + 1;
		while (end < n && sorted[end] === sorted[start]) end++;
		distinct[count] = sorted[start] as number;
		average[count++] = (start + 1 + end) / 2;
		start = end;
	}
	const result = new Float64Array(n);
	for (let i = 0; i < n; i++) result[i] = average[lowerBound(distinct, count, values[i] as number)] as number;
	return result;
}

/** The first index below `length` whose value is at least `value`, in an ascending array. */
function lowerBound(ascending: Float64Array, length: number, value: number): number {
	let low = 0;
	let high = length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((ascending[middle] as number) < value) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** A correlation with its two-sided p value against none. */
export interface Correlation {
	/** In [-1, 1]. */
	readonly value: number;
	/** Observations. */
	readonly n: number;
	/** Two-sided p value, as if the observations were independent: cells of one sweep are not (see clusterBootstrap). */
	readonly p: number;
}

/**
 * Kendall's tau-b, in O(n log n) by W. R. Knight's algorithm (JASA 61, 1966), with the p value of the normal
 * approximation whose variance allows for ties (as SciPy's kendalltau with method "asymptotic"), which is poor below
 * about 10 observations.
 *
 * @returns undefined as `length-mismatch`, `too-few` (n < 4), `non-finite` or `constant`
 * @example
 * kendall([1, 2, 3, 4], [1, 2, 4, 3]); // { status: "ok", value: 0.6667…, n: 4, p: 0.174… }
 */
export function kendall(x: ArrayLike<number>, y: ArrayLike<number>): Outcome<Correlation> {
	const fault = faultIn(
		[
			["x", x],
			["y", y],
		],
		4,
	);
	if (fault !== undefined) return fault;
	const n = x.length;
	const rankX = ranks(x);
	const rankY = ranks(y);
	// Twice a mid-rank is an integer below 2n + 1, so one number orders pairs by x, then by y.
	const keys = Float64Array.from(rankX, (rank, i) => 2 * rank * (2 * n + 1) + 2 * (rankY[i] as number)).sort();
	const yInOrder = Float64Array.from(keys, (key) => key % (2 * n + 1));
	const tiesX = tieCounts(rankX.sort());
	const tiesY = tieCounts(rankY.sort());
	const tiesBoth = tieCounts(keys);
	const pairs = (n * (n - 1)) / 2;
	const concordantLessDiscordant = pairs - tiesX.pairs - tiesY.pairs + tiesBoth.pairs - 2 * inversions(yInOrder);
	const tau = concordantLessDiscordant / Math.sqrt(pairs - tiesX.pairs) / Math.sqrt(pairs - tiesY.pairs);
	const m = n * (n - 1);
	const variance =
		(m * (2 * n + 5) - tiesX.variance - tiesY.variance) / 18 +
		(2 * tiesX.pairs * tiesY.pairs) / m +
		(tiesX.triples * tiesY.triples) / (9 * m * (n - 2));
	const z = Math.abs(concordantLessDiscordant) / Math.sqrt(variance);
	return { status: "ok", value: Math.max(-1, Math.min(1, tau)), n, p: erfc(z / Math.SQRT2) };
}

/** Sums over runs of c equal values in an ascending array: c(c-1)/2, c(c-1)(c-2) and c(c-1)(2c+5). */
function tieCounts(ascending: Float64Array): { pairs: number; triples: number; variance: number } {
	let pairs = 0;
	let triples = 0;
	let variance = 0;
	for (let start = 0; start < ascending.length; ) {
		let end = start + 1;
		while (end < ascending.length && ascending[end] === ascending[start]) end++;
		const c = end - start;
		pairs += (c * (c - 1)) / 2;
		triples += c * (c - 1) * (c - 2);
		variance += c * (c - 1) * (2 * c + 5);
		start = end;
	}
	return { pairs, triples, variance };
}

/** Pairs in descending order, counted by a bottom-up merge sort; `values` is sorted on the way. */
function inversions(values: Float64Array): number {
	const n = values.length;
	let from: Float64Array = values;
	let to: Float64Array = new Float64Array(n);
	let count = 0;
	for (let width = 1; width < n; width *= 2) {
		for (let low = 0; low < n; low += 2 * width) {
			const middle = Math.min(low + width, n);
			const high = Math.min(low + 2 * width, n);
			for (let i = low, j = middle, k = low; k < high; k++) {
				if (i < middle && (j >= high || (from[i] as number) <= (from[j] as number))) to[k] = from[i++] as number;
				else {
					count += middle - i;
					to[k] = from[j++] as number;
				}
			}
		}
		[from, to] = [to, from];
	}
	return count;
}
