import type { PredictorErrors } from "../../ipa/loadForecast.js";
import type { PublishedSmape } from "../../ipa/publishedSmape.js";

/**
 * Rows for a table: the predictors' errors on the test week, on the stretch of IPA's own evaluation script, and the
 * figure that IPA states.
 *
 * @param week errors on the test week
 * @param script errors on `ipaScriptSamples`, same predictors
 * @param published IPA's figures, where it states one
 */
export function predictorRows(
	week: readonly PredictorErrors[],
	script: readonly PredictorErrors[],
	published: readonly PublishedSmape[],
): Record<string, string | number>[] {
	return week.map(({ predictor, samples, smape_pct, mae_rps, under }) => {
		const own = script.find((errors) => errors.predictor === predictor);
		const stated = published.find((figure) => figure.predictor === predictor);
		return {
			predictor,
			"SMAPE, test week (%)": Number(smape_pct.toFixed(2)),
			"mean error (1/s)": Number(mae_rps.toFixed(3)),
			"too low (%)": Number((100 * under).toFixed(1)),
			forecasts: samples,
			"SMAPE, IPA script's 20 min (%)": own === undefined ? "not run" : Number(own.smape_pct.toFixed(2)),
			"SMAPE as IPA states it (%)": stated === undefined ? "none found" : stated.smape_pct,
			"its source": stated === undefined ? "" : stated.source,
		};
	});
}
