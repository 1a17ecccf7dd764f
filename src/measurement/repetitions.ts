import { mean, sampleStandardDeviation } from "simple-statistics";
import { tInterval } from "../statistics/intervals.js";

/** Values with those beyond three standard deviations of the mean left out. */
export interface Trimmed {
	/** Positions of the values kept. */
	readonly kept: readonly number[];
	readonly dropped: readonly number[];
}

/**
 * Drops whole repetitions beyond 3 sigma: |x - mean| > 3 s, with mean and s (n - 1) of all the values, once.
 * Up to ten values none can be that far, since |x - mean| / s is at most (n - 1) / sqrt(n).
 */
export function withinThreeSigma(values: readonly number[]): Trimmed {
	const positions = values.map((_, i) => i);
	if (values.length < 3) return { kept: positions, dropped: [] };
	const centre = mean(values as number[]);
	const limit = 3 * sampleStandardDeviation(values as number[]);
	const far = (i: number) => Math.abs((values[i] as number) - centre) > limit;
	return { kept: positions.filter((i) => !far(i)), dropped: positions.filter(far) };
}

/**
 * Half-width of Student's interval (level 0.95) of the mean, as a share of the mean: t s / (sqrt(n) |mean|).
 * Infinite for fewer than two values.
 */
export function relativeHalfWidth(values: readonly number[]): number {
	if (values.length < 2) return Number.POSITIVE_INFINITY;
	const centre = mean(values as number[]);
	const interval = tInterval(centre, sampleStandardDeviation(values as number[]), values.length);
	return interval.status === "ok" ? (interval.high - interval.low) / 2 / Math.abs(centre) : Number.POSITIVE_INFINITY;
}
