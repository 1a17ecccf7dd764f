import { join } from "node:path";
import { readLstm } from "../datasets/dataFiles.js";
import { publishedFolder } from "../datasets/publishedTables.js";
import { packageRoot } from "../datasets/root.js";
import { readWindows } from "../datasets/trace.js";
import { comparePublished, readPublishedRuns } from "../published/comparePublished.js";
import { compareWeights } from "../published/compareServing.js";
import { readPreset } from "../published/presets.js";
import { toleranceChecks } from "../published/tolerances.js";
import { publishedLines } from "../report/comparisonWords.js";
import { answer, describeCommand } from "./command.js";

export const publishedCommand = describeCommand({
	about:
		"Every line of IPA's published figures (cost and accuracy of each system at every decision) beside what we decide under the same settings, for the same window of load: means over the decisions, ratio of the costs, difference of the accuracies; then its figure of weights. Nothing is fitted to them.",
	examples: ["", "--runs my-runs.csv"],
	options: {
		runs: {
			value: "FILE",
			about: "a table of the same form (docs/published.md), of any of the five pipelines, in place of the shipped one",
		},
		json: { about: "everything as JSON, our line at every decision too" },
	},
	exits: { 1: "bad input, or a tolerance is missed" },
	run: async ({ values }) => {
		const data = join(packageRoot, "data");
		const { weights: lstm } = await readLstm(join(data, "models/lstm.json"));
		const windows = await readWindows(join(data, "raw/twitter/twitter-workload-windows.csv"));
		const series = await readPublishedRuns(values.runs ?? join(publishedFolder, "ipa-published-runs.csv"));
		const runs = await comparePublished(series, readPreset, windows, { lstm });
		// The bars of weights are those of the shipped figures.
		const weights = values.runs === undefined ? await compareWeights(windows, lstm) : [];
		const checks = toleranceChecks(runs, weights);
		answer(values.json, { runs, weights, checks }, () => publishedLines(runs, weights, checks).join("\n"));
		return checks.every(({ met }) => met) ? 0 : 1;
	},
});
