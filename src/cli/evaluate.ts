import { stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readAllEvidence, readCellsCsv, readEvidence } from "../datasets/evidence.js";
import { packageRoot } from "../datasets/root.js";
import { readEvaluationSettings } from "../datasets/settings.js";
import { type Evaluation, evaluate, valuesOf } from "../evaluation/evaluate.js";
import { undeclaredWorkloads } from "../evaluation/evidence.js";
import { metrics } from "../evaluation/metrics.js";
import { verdictMatrix, verdictText } from "../evaluation/summary.js";
import { numberOption } from "./input/numberOption.js";

export const evaluateUsage = `sustainable-ipa evaluate [FILE.csv | FOLDER ...] [--json] [--settings FILE] [--resamples N]
  Does energy add information to IPA's metrics? Without arguments: on all shipped data.
  FILE.csv is a table of your own measurements (docs/bring-your-own.md), FOLDER a dataset with provenance.yaml.
  --json           everything, as one JSON object on stdout
  --settings FILE  thresholds and scenarios (default: data/evaluation.yaml)
  --resamples N    bootstrap resamples instead of the settings' own`;

/** Runs the Evaluate study and prints the verdict table; returns the exit code. */
export async function evaluateCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: { json: { type: "boolean" }, settings: { type: "string" }, resamples: { type: "string" } },
	});
	const resamples = numberOption("--resamples", values.resamples, "positive integer");
	const settings = await readEvaluationSettings(values.settings ?? join(packageRoot, "data/evaluation.yaml"));
	const evidence =
		positionals.length === 0
			? await readAllEvidence(join(packageRoot, "data"))
			: await Promise.all(
					positionals.map(async (path) => ((await isFolder(path)) ? readEvidence(path) : readCellsCsv(path))),
				);
	for (const set of evidence)
		for (const name of undeclaredWorkloads(set))
			process.stderr.write(
				`${set.dataset}: is ${name} a choice, or what the requests ask for? It is compared over as a choice. Where it cannot be chosen, name its column workload_${name} (docs/bring-your-own.md).\n`,
			);
	const evaluation = evaluate(evidence, { ...settings, resamples: resamples ?? settings.resamples });
	process.stdout.write(values.json ? `${evaluationJson(evaluation)}\n` : evaluationText(evaluation));
	return 0;
}

/** Whether it is a folder; a path that is not there is the file reader's to refuse. */
async function isFolder(path: string): Promise<boolean> {
	return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Everything but the bootstrap samples, which only repeat what the intervals say. */
export function evaluationJson(evaluation: Evaluation): string {
	return JSON.stringify(
		evaluation,
		(key, value: unknown) => (key === "resampled" || key === "shares" ? undefined : value),
		2,
	);
}

/** The verdict table and the answer, as text. */
export function evaluationText({ studies, conclusion, byDataset, settings, unstudied }: Evaluation): string {
	const thresholds = valuesOf(settings.thresholds);
	const lines = ["Energy per request against each metric, by dataset and the knob that varies", ""];
	const header = ["dataset", "knob", ...metrics.map(({ name }) => name)];
	const rows = verdictMatrix(
		studies.filter(({ population, selection }) => population === undefined && selection === "clean"),
		thresholds,
	).map((row) => [`${row.dataset}${row.barred ? " (barred)" : ""}`, row.knob, ...row.verdicts.map(verdictText)]);
	lines.push(...aligned([header, ...rows]), "");
	lines.push("Spearman's correlation within strata; adds: energy adds information; ?: undetermined.", "");
	for (const { dataset, barred, conclusion: own } of byDataset)
		lines.push(`${dataset}: ${barred === undefined ? `${own.verdict} (${own.because})` : `barred: ${barred}`}`);
	for (const { dataset, because } of unstudied) lines.push(`${dataset}: no cell can be studied (${because})`);
	lines.push("", "Over all datasets:");
	for (const { metric, verdict, because } of conclusion.metrics) lines.push(`  ${metric}: ${verdict} (${because})`);
	lines.push(`  all metrics together: ${conclusion.joint.verdict} (${conclusion.joint.because})`);
	lines.push(`  energy left on the table, 90th percentile: ${conclusion.regret.because}`);
	lines.push("", `VERDICT: ${conclusion.verdict}: ${conclusion.because}`, "");
	return `${lines.join("\n")}`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) =>
		row
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd(),
	);
}
