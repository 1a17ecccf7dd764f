import { sortedQuantile } from "./sortedQuantile.js";

/**
 * The q-th percentile, the (q / 100)-quantile as `sortedQuantile` defines it: the default of numpy.percentile.
 *
 * @param values in any order, none NaN
 * @param q from 0 to 100
 * @throws RangeError where there are no values or q is out of range
 * @example percentile([1, 2, 3, 4], 50) // 2.5
 */
export function percentile(values: ArrayLike<number>, q: number): number {
	if (values.length === 0) throw new RangeError("a percentile of no values");
	if (!(q >= 0 && q <= 100)) throw new RangeError(`a percentile must be from 0 to 100, received ${q}`);
	return sortedQuantile(Float64Array.from(values).sort(), q / 100);
}
