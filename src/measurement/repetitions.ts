import { mean, sampleStandardDeviation } from "simple-statistics";
import { type Outcome, undefinedBecause } from "../statistics/checks.js";
import { tInterval } from "../statistics/intervals.js";
import type { JournalRecord } from "./records.js";

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

/**
 * Fewest repetitions whose t-interval (level 0.95) of the mean has a half-width of at most `target` times the mean.
 *
 * @param variation of the repetitions, s / mean, as estimated; 0 or more
 * @param target half-width over mean, above 0
 */
export function repetitionsNeeded(variation: number, target: number): number {
	if (!(variation >= 0 && Number.isFinite(variation)))
		throw new RangeError(`variation must be a number >= 0, received ${variation}`);
	if (!(target > 0)) throw new RangeError(`target must be above 0, received ${target}`);
	// Student's quantile is above the normal one, so no fewer than the normal interval needs.
	let n = Math.max(2, Math.floor((1.959 * (variation / target)) ** 2));
	while (halfWidth(variation, n) > target) n++;
	return n;
}

function halfWidth(variation: number, n: number): number {
	const interval = tInterval(0, variation, n);
	return interval.status === "ok" ? interval.high : Number.POSITIVE_INFINITY;
}

/** A node whose control workload varies more than this (s / mean) is not quiet. */
export const quietVariation = 0.01;

/** Variation (s / mean) of the control workload's median time over a journal; undefined below two controls. */
export function controlVariation(records: readonly JournalRecord[]): Outcome<{ readonly value: number }> {
	const times = records.flatMap((record) => (record.type === "control" ? [record.window.latency_p50_s] : []));
	if (times.length < 2) return undefinedBecause("too-few", `${times.length} control windows, at least 2 needed`);
	return { status: "ok", value: sampleStandardDeviation(times) / mean(times) };
}

/** A share as a text, to a tenth of a percent: 0.123 is "12.3 %". */
export function percent(share: number): string {
	const tenths = Math.round(1000 * share) / 10;
	return `${Number.isInteger(tenths) ? `${tenths}.0` : tenths} %`;
}
