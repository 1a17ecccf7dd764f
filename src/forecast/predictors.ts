import { type LstmWeights, lstmPredictor } from "./lstm.js";

/** A stationary AR(1) around a mean: x[t] - mean = phi (x[t-1] - mean) + noise. */
export interface Ar1 {
	readonly mean: number;
	readonly phi: number;
	/** Variance of the noise. */
	readonly variance: number;
}

/**
 * Fits ARIMA(1,0,0) with a mean by exact Gaussian maximum likelihood (Hamilton, Time Series Analysis, 5.2). For a given
 * phi the mean and the variance are explicit; phi is found by golden-section search on the concentrated likelihood.
 *
 * @param x at least two values; a constant series has phi 0 and variance 0
 */
export function fitAr1(x: ArrayLike<number>): Ar1 {
	const first = x[0] as number;
	if (Array.prototype.every.call(x, (value: number) => value === first)) return { mean: first, phi: 0, variance: 0 };
	// A grid brackets the maximum, since the concentrated likelihood need not be unimodal on short series.
	const steps = 40;
	let best = 0;
	for (let k = -steps + 1; k < steps; k++) if (deviance(x, k / steps) < deviance(x, best / steps)) best = k;
	let low = Math.max(-0.999999, (best - 1) / steps);
	let high = Math.min(0.999999, (best + 1) / steps);
	const golden = (Math.sqrt(5) - 1) / 2;
	let a = high - golden * (high - low);
	let b = low + golden * (high - low);
	let atA = deviance(x, a);
	let atB = deviance(x, b);
	while (high - low > 1e-10) {
		if (atA < atB) {
			high = b;
			[b, atB] = [a, atA];
			a = high - golden * (high - low);
			atA = deviance(x, a);
		} else {
			low = a;
			[a, atA] = [b, atB];
			b = low + golden * (high - low);
			atB = deviance(x, b);
		}
	}
	const phi = (low + high) / 2;
	const mean = meanFor(x, phi);
	return { mean, phi, variance: squares(x, phi, mean) / x.length };
}

/** Forecast of the next value. */
export function forecastAr1({ mean, phi }: Ar1, last: number): number {
	return mean + phi * (last - mean);
}

/** n log(variance) - log(1 - phi^2): minus twice the log-likelihood up to a constant. */
function deviance(x: ArrayLike<number>, phi: number): number {
	return x.length * Math.log(squares(x, phi, meanFor(x, phi))) - Math.log(1 - phi * phi);
}

/** Generalised least squares mean under the AR(1) covariance. */
function meanFor(x: ArrayLike<number>, phi: number): number {
	let numerator = (1 + phi) * (x[0] as number);
	for (let t = 1; t < x.length; t++) numerator += (x[t] as number) - phi * (x[t - 1] as number);
	return numerator / (1 + phi + (x.length - 1) * (1 - phi));
}

function squares(x: ArrayLike<number>, phi: number, mean: number): number {
	let sum = (1 - phi * phi) * ((x[0] as number) - mean) ** 2;
	for (let t = 1; t < x.length; t++) sum += ((x[t] as number) - mean - phi * ((x[t - 1] as number) - mean)) ** 2;
	return sum;
}

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
