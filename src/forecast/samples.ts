import { damped } from "./loads.js";
import type { LstmWeights } from "./lstm.js";
import { type Predictor, type PredictorName, predictor, smape } from "./predictors.js";

/** Inputs and targets of a load predictor, flat: input i of sample n is `inputs[n * width + i]`. */
export interface ForecastSamples {
	readonly width: number;
	readonly count: number;
	/** Maxima of the last `width` blocks, oldest first, requests/s. */
	readonly inputs: Float64Array;
	/** Maximum of the blocks after them, requests/s. */
	readonly targets: Float64Array;
	/** Samples left out since a second of theirs is a gap of the recording. */
	readonly leftOut: number;
}

export interface ForecastShape {
	/** Seconds of a block whose maximum is an input (IPA: 10). */
	readonly step_s: number;
	/** Blocks that a prediction sees (IPA: 12, two minutes). */
	readonly width: number;
	/** Blocks ahead whose maximum is the target (IPA: 2, twenty seconds). */
	readonly ahead: number;
}

/** IPA's own shape: the maxima of 10 s over 2 minutes, to the maximum of the next 20 s. */
export const ipaForecast: ForecastShape = { step_s: 10, width: 12, ahead: 2 };

/**
 * Samples from seconds `from_s` to `until_s` of a trace, one a block. IPA's code deletes the gaps of the recording and
 * glues what is around them; here a sample that touches a gap is left out, so that no sample spans hours.
 *
 * @param rps load in each second
 * @param gap whether a second was not recorded
 */
export function forecastSamples(
	rps: ArrayLike<number>,
	gap: (second: number) => boolean,
	[from_s, until_s]: readonly [number, number],
	{ step_s, width, ahead }: ForecastShape = ipaForecast,
): ForecastSamples {
	const blocks = Math.floor((until_s - from_s) / step_s);
	const maxima = new Float64Array(blocks);
	const gaps = new Uint8Array(blocks);
	for (let block = 0; block < blocks; block++)
		for (let second = from_s + block * step_s; second < from_s + (block + 1) * step_s; second++) {
			maxima[block] = Math.max(maxima[block] as number, rps[second] as number);
			if (gap(second)) gaps[block] = 1;
		}
	const possible = Math.max(0, blocks - width - ahead + 1);
	const inputs = new Float64Array(possible * width);
	const targets = new Float64Array(possible);
	let count = 0;
	for (let first = 0; first < possible; first++) {
		if (gaps.subarray(first, first + width + ahead).includes(1)) continue;
		inputs.set(maxima.subarray(first, first + width), count * width);
		targets[count++] = Math.max(...maxima.subarray(first + width, first + width + ahead));
	}
	return {
		width,
		count,
		inputs: inputs.subarray(0, count * width),
		targets: targets.subarray(0, count),
		leftOut: possible - count,
	};
}

/** How a predictor did on samples that it has not seen. */
export interface ForecastErrors {
	readonly samples: number;
	/** Symmetric mean absolute percentage error, %. */
	readonly smape_pct: number;
	/** Mean absolute error, requests/s. */
	readonly mae_rps: number;
	/** Share of the samples whose load was above the forecast: what the SLA feels. */
	readonly under: number;
}

/** Errors of a predictor over samples, loads in requests/s. Throws RangeError where there are none. */
export function forecastErrors(predict: Predictor, { width, count, inputs, targets }: ForecastSamples): ForecastErrors {
	const forecasts = new Float64Array(count);
	let absolute = 0;
	let under = 0;
	for (let n = 0; n < count; n++) {
		const forecast = predict(inputs.subarray(n * width, (n + 1) * width));
		forecasts[n] = forecast;
		absolute += Math.abs(forecast - (targets[n] as number));
		if (forecast < (targets[n] as number)) under++;
	}
	return { samples: count, smape_pct: smape(targets, forecasts), mae_rps: absolute / count, under: under / count };
}

const day_s = 24 * 3600;

/** IPA's split of the trace: the first 14 days train, the next 7 test; loads are divided by 8. */
export const trainingSplit = { damping: 8, train_s: [0, 14 * day_s], test_s: [14 * day_s, 21 * day_s] } as const;

/** Samples of the two parts of a trace, as recorded (a second without requests is a gap of the recording). */
export function splitSamples(trace: Int32Array): { readonly train: ForecastSamples; readonly test: ForecastSamples } {
	const rps = damped(trace, trainingSplit.damping);
	const gap = (second: number) => trace[second] === 0;
	return {
		train: forecastSamples(rps, gap, trainingSplit.train_s),
		test: forecastSamples(rps, gap, trainingSplit.test_s),
	};
}

/**
 * Samples of the 20 minutes that IPA's evaluation script reads (prediction-modules/evaluation.py at e1f08dd): from second
 * 1,296,000, undamped. Loads are divided by 8 and not cut to whole requests: the LSTM is trained at that scale, and the
 * division changes no percentage error of the other predictors.
 */
export function ipaScriptSamples(trace: Int32Array): ForecastSamples {
	const from_s = 15 * day_s;
	const { damping } = trainingSplit;
	return forecastSamples(
		Float64Array.from(trace, (count) => count / damping),
		(second) => trace[second] === 0,
		[from_s, from_s + 20 * 60],
	);
}

export type PredictorErrors = ForecastErrors & { readonly predictor: PredictorName };

/** Errors of each of IPA's predictors over samples. */
export function predictorErrors(samples: ForecastSamples, weights: LstmWeights): PredictorErrors[] {
	const names = ["reactive", "max", "avg", "arima", "lstm"] as const;
	return names.map((name) => ({ predictor: name, ...forecastErrors(predictor(name, weights), samples) }));
}
