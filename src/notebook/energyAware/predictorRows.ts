import type { PredictorErrors } from "../../ipa/loadForecast.js";

/** Rows for a table: the predictors' errors on the test week. */
export function predictorRows(errors: readonly PredictorErrors[]): Record<string, string | number>[] {
	return errors.map(({ predictor, samples, smape_pct, mae_rps, under }) => ({
		predictor,
		"SMAPE (%)": Number(smape_pct.toFixed(2)),
		"mean error (1/s)": Number(mae_rps.toFixed(3)),
		"too low (%)": Number((100 * under).toFixed(1)),
		forecasts: samples,
	}));
}
