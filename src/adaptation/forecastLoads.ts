import type { Predictor } from "./predictors.js";
import { blockMaxima } from "./trace.js";

export interface ForecastOptions {
	/** Seconds between decisions (IPA: 10). */
	readonly interval_s: number;
	/** Seconds of load that the predictor sees (IPA: 120). */
	readonly history_s: number;
	readonly predictor: Predictor;
}

/**
 * The load that each interval is decided for, requests/s: the predictor's answer to the maxima of the blocks before it,
 * rounded up to a whole request (at least 1). Before the first block has passed its own load stands in for the history,
 * as a warm start.
 *
 * @param perSecond requests in each second; a last partial interval is left out
 */
export function forecastLoads(
	perSecond: ArrayLike<number>,
	{ interval_s, history_s, predictor }: ForecastOptions,
): Float64Array {
	const maxima = blockMaxima(perSecond, interval_s);
	const length = Math.max(1, Math.round(history_s / interval_s));
	return maxima.map((_, k) => Math.max(1, Math.ceil(predictor(historyBefore(maxima, k, length)) - 1e-9)));
}

function historyBefore(maxima: Float64Array, k: number, length: number): Float64Array {
	if (k >= length) return maxima.subarray(k - length, k);
	const history = new Float64Array(length).fill(maxima[0] as number);
	history.set(maxima.subarray(0, k), length - k);
	return history;
}
