import { type Predictor, smape } from "./predictors.js";
import type { ForecastSamples } from "./samples.js";

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
