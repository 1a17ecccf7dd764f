import { fitAr1, forecastAr1 } from "./ar1.js";
import { type LstmWeights, lstmPredictor } from "./lstm.js";

/** Predicts the load of the next interval (requests/s) from the maxima of the last ones, oldest first. */
export type Predictor = (history: ArrayLike<number>) => number;

export const predictorNames = ["reactive", "max", "avg", "arima", "lstm"] as const;

export type PredictorName = (typeof predictorNames)[number];

/**
 * IPA's predictors by name. `reactive`: the last value; `max`: the largest; `avg`: the mean (IPA's code divides the
 * maximum by the length); `arima`: ARIMA(1,0,0) fitted to the history; `lstm`: trained weights, which must be given.
 */
export function predictor(name: Exclude<PredictorName, "lstm">): Predictor;
export function predictor(name: PredictorName, weights: LstmWeights): Predictor;
export function predictor(name: PredictorName, weights?: LstmWeights): Predictor {
	switch (name) {
		case "reactive":
			return (history) => history[history.length - 1] as number;
		case "max":
			return (history) => Math.max(...(history as number[]));
		case "avg":
			return (history) => {
				let sum = 0;
				for (let i = 0; i < history.length; i++) sum += history[i] as number;
				return sum / history.length;
			};
		case "arima":
			return (history) => Math.max(0, forecastAr1(fitAr1(history), history[history.length - 1] as number));
		case "lstm":
			return lstmPredictor(weights as LstmWeights);
	}
}

/**
 * Symmetric mean absolute percentage error, 100 / n x sum of 2 |f - a| / (|a| + |f|), percent; a pair of zeros counts 0.
 * Throws RangeError where there are no values, or not as many forecasts as actual values.
 */
export function smape(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
	if (actual.length === 0 || actual.length !== forecast.length)
		throw new RangeError(`smape: needs as many forecasts as values, got ${forecast.length} and ${actual.length}`);
	let sum = 0;
	for (let i = 0; i < actual.length; i++) {
		const a = actual[i] as number;
		const f = forecast[i] as number;
		if (a !== f) sum += (2 * Math.abs(f - a)) / (Math.abs(a) + Math.abs(f));
	}
	return (100 * sum) / actual.length;
}
