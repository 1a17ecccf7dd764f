import { join } from "node:path";
import { readLstm } from "../datasets/dataFiles.js";
import { publishedFolder } from "../datasets/publishedTables.js";
import { packageRoot } from "../datasets/root.js";
import { readWindows } from "../datasets/trace.js";
import { comparePublished, type PublishedComparison, readPublishedRuns } from "../published/comparePublished.js";
import { compareWeights, type WeightsComparison } from "../published/compareServing.js";
import { readPreset } from "../published/presets.js";
import { type ToleranceCheck, toleranceChecks } from "../published/tolerances.js";
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
		answer(values.json, { runs, weights, checks }, () =>
			[...runLines(runs), ...weightLines(weights), ...checks.map(checkLine)].join("\n"),
		);
		return checks.every(({ met }) => met) ? 0 : 1;
	},
});

function runLines(runs: readonly PublishedComparison[]): string[] {
	return [
		"figure                   pipeline   window       system     cores: published    ours  ratio   accuracy: published    ours  difference",
		...runs.map(
			({ figure, pipeline, workload, system, published, ours, cost_ratio, accuracy_difference }) =>
				`${figure.padEnd(24)} ${pipeline.padEnd(10)} ${workload.padEnd(12)} ${system.padEnd(10)} ${published.cost_cores.toFixed(2).padStart(16)} ${ours.cost_cores.toFixed(2).padStart(7)}  ${cost_ratio.toFixed(3)} ${published.accuracy.toFixed(3).padStart(21)} ${ours.accuracy.toFixed(3).padStart(7)} ${accuracy_difference.toFixed(3).padStart(11)}`,
		),
	];
}

function weightLines(weights: readonly WeightsComparison[]): string[] {
	return weights.map(
		({ figure, pipeline, case: name, alpha, beta, published, ours }) =>
			`${figure}, ${pipeline}, ${name} (alpha ${alpha}, beta ${beta}): ${published.cost_cores.toFixed(2)} cores published, ours ${ours.cost_cores.toFixed(2)} (${ours.cheapest_cores.toFixed(2)} to ${ours.dearest_cores.toFixed(2)} over equal optima); accuracy ${published.accuracy.toFixed(3)}, ours ${ours.accuracy.toFixed(3)}`,
	);
}

function checkLine({ what, met, count, of, needed, worst }: ToleranceCheck): string {
	return `${met ? "met   " : "MISSED"} ${what}: ${count} of ${of} (${needed} needed); farthest ${worst}`;
}
