import { type ForecastErrors, forecastErrors } from "../adaptation/forecastErrors.js";
import type { LstmWeights } from "../adaptation/lstm.js";
import { type PredictorName, predictor } from "../adaptation/predictors.js";
import { type ForecastSamples, forecastSamples } from "../adaptation/samples.js";
import { damped } from "../adaptation/trace.js";

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
