/** A distribution in five numbers. */
export interface Spread {
	readonly mean: number;
	readonly p5: number;
	readonly median: number;
	readonly p95: number;
	readonly count: number;
}

/** Mean and quantiles (nearest rank) of values. Throws RangeError where there are none. */
export function spreadOf(values: ArrayLike<number>): Spread {
	if (values.length === 0) throw new RangeError("a distribution needs at least one value");
	const sorted = Float64Array.from(values).sort();
	const at = (p: number) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]!;
	const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
	return { mean, p5: at(0.05), median: at(0.5), p95: at(0.95), count: sorted.length };
}
