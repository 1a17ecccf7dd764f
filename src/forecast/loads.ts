import type { Predictor } from "./predictors.js";

/**
 * Damps a per-second load as IPA does: integer division of every count.
 *
 * @param perSecond requests in each second
 * @param factor damping factor, an integer >= 1 (IPA's final experiments: 8)
 * @example
 * [...adaptation.damped([7, 8, 23], 8)]; // → [0, 1, 2]
 */
export function damped(perSecond: ArrayLike<number>, factor: number): Int32Array {
	const out = new Int32Array(perSecond.length);
	for (let i = 0; i < out.length; i++) out[i] = Math.floor((perSecond[i] as number) / factor);
	return out;
}

/** Maximum of each whole block of `step_s` seconds; a last partial block is left out. */
export function blockMaxima(perSecond: ArrayLike<number>, step_s: number): Float64Array {
	const out = new Float64Array(Math.floor(perSecond.length / step_s));
	for (let block = 0; block < out.length; block++) {
		let max = 0;
		for (let second = block * step_s; second < (block + 1) * step_s; second++)
			max = Math.max(max, perSecond[second] as number);
		out[block] = max;
	}
	return out;
}

export interface ForecastOptions {
	/** Seconds between decisions (IPA: 10). */
	readonly interval_s: number;
	/** Seconds of load that the predictor sees (IPA: 120). */
	readonly history_s: number;
	readonly predictor: Predictor;
	/** Blocks without which the predictor cannot answer; all of the history where not given (IPA's LSTM: 12). */
	readonly needs?: number;
	/** Percent added to every forecast (IPA's predictor_margin); 0 where not given. */
	readonly margin_pct?: number;
}

/**
 * The load that each interval is decided for, requests/s: the predictor's answer to the maxima of the blocks before it,
 * or the largest of them while there are fewer than the predictor needs, with the margin, rounded to the nearest whole
 * request (a half to the even one, as Python rounds) and at least 1. The first interval has no block before it: nothing
 * is decided for it, and its entry is 0.
 *
 * @param perSecond requests in each second; a last partial interval is left out
 * @example
 * // The start, then 5 x 1.2, then the larger of 5 and 8, x 1.2 = 9.6: the LSTM needs twelve blocks.
 * forecastLoads([...Array(10).fill(5), ...Array(10).fill(8), ...Array(10).fill(3)],
 * 	{ interval_s: 10, history_s: 120, predictor: predictor("lstm", weights), margin_pct: 20 }); // [0, 6, 10]
 */
export function forecastLoads(
	perSecond: ArrayLike<number>,
	{ interval_s, history_s, predictor, needs, margin_pct = 0 }: ForecastOptions,
): Float64Array {
	const maxima = blockMaxima(perSecond, interval_s);
	const length = Math.max(1, Math.round(history_s / interval_s));
	const least = Math.min(length, needs ?? length);
	return maxima.map((_, k) => {
		if (k === 0) return 0;
		const history = maxima.subarray(Math.max(0, k - length), k);
		const expected_rps = k < least ? Math.max(...history) : predictor(history);
		return Math.max(1, nearest(expected_rps * (1 + margin_pct / 100)));
	});
}

/** The nearest whole number, a half to the even one; what a float's last bit adds to a half is no half more. */
function nearest(value: number): number {
	const below = Math.floor(value);
	const above = value - below;
	if (Math.abs(above - 0.5) < 1e-9) return below % 2 === 0 ? below : below + 1;
	return above < 0.5 ? below : below + 1;
}
