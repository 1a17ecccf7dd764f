import { join } from "node:path";
import { expect, test } from "vitest";
import { readLstm } from "../../src/datasets/dataFiles.js";
import { readPublishedLatencies } from "../../src/datasets/publishedTables.js";
import { packageRoot } from "../../src/datasets/root.js";
import { readWindows } from "../../src/datasets/trace.js";
import { compareLatencies, comparePredictors, compareWeights } from "../../src/published/compareServing.js";

const windows = await readWindows(join(packageRoot, "data/raw/twitter/twitter-workload-windows.csv"));
const { weights: lstm } = await readLstm(join(packageRoot, "data/models/lstm.json"));

test("Figure 14: Video's and sum-qa's costs of the sum lie within 6 % of what equal optima leave open", async () => {
	const weights = await compareWeights(windows, lstm);
	expect(weights).toHaveLength(18);
	for (const { family, pipeline, outside_share, ours } of weights) {
		expect(ours.cheapest_cores).toBeLessThanOrEqual(ours.cost_cores + 1e-9);
		expect(ours.dearest_cores).toBeGreaterThanOrEqual(ours.cost_cores - 1e-9);
		if (family === "sum" && pipeline !== "audio-qa") expect(outside_share).toBeLessThan(0.06);
	}
	// The revision's Video at 4 : 1 is not met by its printed weights.
	const missed = weights
		.filter(({ outside_share }) => outside_share > 0.25)
		.map(({ figure, pipeline, case: name }) => [figure, pipeline, name]);
	expect(missed).toEqual([["paper-revision-fig14", "video", "balance"]]);
});

test("Figure 16: costs within 8 % but audio-qa's; over the bursty Video window a few percent late at most under the LSTM", async () => {
	const { served: predictors } = await comparePredictors(windows, lstm);
	for (const { pipeline, predictor, published, ours } of predictors) {
		if (pipeline === "audio-qa" || published === undefined || ours === undefined) continue;
		expect([predictor, Math.abs(ours.cost_cores / published.cost_cores - 1) < 0.08]).toEqual([predictor, true]);
	}
	const video = predictors.find(({ pipeline, predictor }) => pipeline === "video" && predictor === "lstm");
	expect(video?.ours?.late_share).toBeGreaterThan(0);
	expect(video?.ours?.late_share).toBeLessThan(0.03);
});

test("Figure 15: quantiles rise, and no second of RIM's is late, as ours has it", async () => {
	const video = (await readPublishedLatencies()).filter(({ pipeline }) => pipeline === "video");
	const latencies = await compareLatencies(windows, lstm, video);
	for (const system of ["ipa", "rim", "fa2-low", "fa2-high"]) {
		const own = latencies.filter((line) => line.system === system && line.what === "quantile").map(({ ours }) => ours);
		expect(own).toEqual([...own].sort((a, b) => a - b));
	}
	expect(latencies.find(({ system, what }) => system === "rim" && what === "share_within_sla")?.ours).toBe(1);
});

test("Figure 7: our LSTM errs as IPA's does, within a percent, and lies less than a request apart", async () => {
	const { lstm: forecasts } = await comparePredictors(windows, lstm);
	expect(forecasts.map(({ window, seconds }) => [window, seconds])).toEqual(
		["bursty", "steady_low", "steady_high", "fluctuating"].map((window) => [window, 1200]),
	);
	for (const { smape_pct, absolute_difference_rps } of forecasts) {
		expect(Math.abs(smape_pct.ours - smape_pct.ipa)).toBeLessThan(1);
		expect(absolute_difference_rps).toBeLessThan(1);
	}
});
