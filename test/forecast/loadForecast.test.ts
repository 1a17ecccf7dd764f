import { join } from "node:path";
import { expect, test } from "vitest";
import { readLstm } from "../../src/datasets/dataFiles.js";
import { packageRoot } from "../../src/datasets/root.js";
import { readTrace } from "../../src/datasets/trace.js";
import { predictor } from "../../src/forecast/predictors.js";
import { forecastErrors, forecastSamples, ipaScriptSamples } from "../../src/forecast/samples.js";
import { comparePredictorErrors } from "../../src/published/compareServing.js";

const trace = await readTrace(join(packageRoot, "data/raw/twitter/twitter-per-second.txt.gz"));
const { weights } = await readLstm(join(packageRoot, "data/models/lstm.json"));

test("the stretch of IPA's script: divided loads have the percentage errors of the loads as recorded", () => {
	const samples = ipaScriptSamples(trace);
	expect([samples.count, samples.leftOut]).toEqual([107, 0]);
	const recorded = forecastSamples(trace, () => false, [1_296_000, 1_297_200]);
	for (const name of ["reactive", "max", "avg", "arima"] as const)
		expect(forecastErrors(predictor(name), samples).smape_pct).toBeCloseTo(
			forecastErrors(predictor(name), recorded).smape_pct,
			4,
		);
});

test("a figure of IPA's stands only where the paper states one, with its page", async () => {
	const rows = await comparePredictorErrors(trace, weights);
	expect(rows.map(({ predictor: name, smape_pct }) => [name, smape_pct.stated])).toEqual([
		["reactive", undefined],
		["max", undefined],
		["avg", undefined],
		["arima", undefined],
		["lstm", 6.6],
	]);
	expect(rows[4]?.source).toContain("597dc47:paper/paper.pdf, page 9, section 5.1");
});
