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

/**
 * The p-quantile of sorted values by linear interpolation between order statistics: definition 7 of Hyndman and Fan
 * (1996), and the default of numpy.quantile, whose order of operations is kept so that the last digit agrees.
 *
 * @param sorted rising, at least one, none NaN
 * @param p from 0 to 1
 * @throws RangeError where there are no values or p is out of range
 * @example sortedQuantile(Float64Array.of(1, 2, 3, 4), 0.5) // 2.5
 */
export function sortedQuantile(sorted: Float64Array, p: number): number {
	if (sorted.length === 0) throw new RangeError("a quantile of no values");
	if (!(p >= 0 && p <= 1)) throw new RangeError(`a quantile must be from 0 to 1, received ${p}`);
	const position = (sorted.length - 1) * p;
	const below = Math.floor(position);
	const part = position - below;
	const lower = sorted[below] as number;
	const upper = sorted[Math.min(sorted.length - 1, below + 1)] as number;
	return part >= 0.5 ? upper - (upper - lower) * (1 - part) : lower + (upper - lower) * part;
}
