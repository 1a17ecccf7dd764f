import { tInterval } from "../statistics/intervals.js";

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
