/**
 * The q-th percentile by linear interpolation between order statistics: definition 7 of Hyndman and Fan (1996), and the
 * default of numpy.percentile, whose order of operations is kept so that the last digit agrees.
 *
 * @param values in any order, none NaN
 * @param q from 0 to 100
 * @throws RangeError where there are no values or q is out of range
 * @example percentile([1, 2, 3, 4], 50) // 2.5
 */
export function percentile(values: ArrayLike<number>, q: number): number {
	if (values.length === 0) throw new RangeError("a percentile of no values");
	if (!(q >= 0 && q <= 100)) throw new RangeError(`a percentile must be from 0 to 100, received ${q}`);
	const sorted = Float64Array.from(values).sort();
	const position = (sorted.length - 1) * (q / 100);
	const below = Math.floor(position);
	const part = position - below;
	const lower = sorted[below] as number;
	const upper = sorted[Math.min(sorted.length - 1, below + 1)] as number;
	return part >= 0.5 ? upper - (upper - lower) * (1 - part) : lower + (upper - lower) * part;
}
