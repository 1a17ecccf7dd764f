import { faultIn } from "./check.js";
import type { Outcome } from "./outcome.js";

/** Distance correlation of a sample. */
export interface DistanceCorrelation {
	/** In [0, 1]. In small samples well above 0 even for independent inputs: judge it by a permutation test. */
	readonly value: number;
	readonly n: number;
}

/**
 * Sample distance correlation of two univariate inputs (Székely, Rizzo and Bakirov, Annals of Statistics 35, 2007):
 * the square root of dCov2 / sqrt(dVar2(x) dVar2(y)) with the V-statistics, as R's energy::dcor. It sees dependence
 * of any shape, but no direction. O(n^2) time and O(n) memory: made for a few thousand observations at most.
 *
 * @returns undefined as `length-mismatch`, `too-few` (n < 4), `non-finite` or `constant`
 */
export function distanceCorrelation(x: ArrayLike<number>, y: ArrayLike<number>): Outcome<DistanceCorrelation> {
	const fault = faultIn(
		[
			["x", x],
			["y", y],
		],
		4,
	);
	if (fault !== undefined) return fault;
	const n = x.length;
	const a = toUnitRange(x);
	const b = toUnitRange(y);
	const [meanA, grandA] = meanDistances(a);
	const [meanB, grandB] = meanDistances(b);
	let ab = 0;
	let aa = 0;
	let bb = 0;
	for (let i = 0; i < n; i++) {
		const ai = a[i] as number;
		const bi = b[i] as number;
		const centreA = grandA - (meanA[i] as number);
		const centreB = grandB - (meanB[i] as number);
		for (let j = 0; j < n; j++) {
			const distanceA = Math.abs(ai - (a[j] as number)) - (meanA[j] as number) + centreA;
			const distanceB = Math.abs(bi - (b[j] as number)) - (meanB[j] as number) + centreB;
			ab += distanceA * distanceB;
			aa += distanceA * distanceA;
			bb += distanceB * distanceB;
		}
	}
	// dCov2 is never negative but for rounding.
	const squared = Math.max(0, ab) / (Math.sqrt(aa) * Math.sqrt(bb));
	return { status: "ok", value: Math.min(1, Math.sqrt(squared)), n };
}

/** Scales to a range of 1, which leaves the statistic as it is and its squares well within a double. */
function toUnitRange(values: ArrayLike<number>): Float64Array {
	let low = Number.POSITIVE_INFINITY;
	let high = Number.NEGATIVE_INFINITY;
	for (let i = 0; i < values.length; i++) {
		low = Math.min(low, values[i] as number);
		high = Math.max(high, values[i] as number);
	}
	return Float64Array.from(values, (value) => (value - low) / (high - low));
}

/** The mean distance from each value to all, and the mean of those. */
function meanDistances(values: Float64Array): [each: Float64Array, grand: number] {
	const n = values.length;
	let grand = 0;
	const each = values.map((value) => {
		let sum = 0;
		for (let j = 0; j < n; j++) sum += Math.abs(value - (values[j] as number));
		grand += sum / n / n;
		return sum / n;
	});
	return [each, grand];
}
