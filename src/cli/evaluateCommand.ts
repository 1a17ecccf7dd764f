import { stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readEvaluationSettings } from "../datasets/dataFiles.js";
import { readAllEvidence, readCellsCsv, readEvidence } from "../datasets/readEvidence.js";
import { packageRoot } from "../datasets/root.js";
import { type Evaluation, evaluate, type LabelRow, labelRows, multiplicity } from "../evaluation/evaluate.js";
import { thresholdsOf } from "../evaluation/settings.js";
import { becauseOf, deviceWords, knobWords, metricWords, nextOf } from "../report/labelWords.js";
import { answerSentences } from "../report/studyTables.js";

export const evaluateUsage = `sustainable-ipa evaluate [FILE.csv | FOLDER ...] [--json] [--settings FILE]
  Does energy add information to IPA's metrics? Without arguments: on all shipped data.
  FILE.csv is a table of your own measurements (docs/bring-your-own.md), FOLDER a dataset with provenance.yaml.
  --json           every label with its numbers, its reason and what to measure next, as one JSON object on stdout
  --settings FILE  thresholds and rates (default: data/evaluation.yaml)`;

/** Runs the study and prints its labels; returns the exit code. */
export async function evaluateCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: { json: { type: "boolean" }, settings: { type: "string" } },
	});
	const settings = await readEvaluationSettings(values.settings ?? join(packageRoot, "data/evaluation.yaml"));
	const evidence =
		positionals.length === 0
			? await readAllEvidence(join(packageRoot, "data"))
			: await Promise.all(
					positionals.map(async (path) => ((await isFolder(path)) ? readEvidence(path) : readCellsCsv(path))),
				);
	const result = evaluate(evidence, settings);
	for (const [dataset, name] of result.datasets.flatMap(({ dataset, undeclared_workloads }) =>
		undeclared_workloads.map((name) => [dataset, name]),
	))
		process.stderr.write(
			`${dataset}: is ${name} a choice, or what the requests ask for? It is compared over as a choice. Where it cannot be chosen, name its column workload_${name} (docs/bring-your-own.md).\n`,
		);
	process.stdout.write(values.json ? `${evaluationJson(result)}\n` : evaluationText(result));
	return 0;
}

/** Whether it is a folder; a path that is not there is the file reader's to refuse. */
async function isFolder(path: string): Promise<boolean> {
	return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Every label with its numbers and, in words, its reason and what to measure next. */
function evaluationJson(result: Evaluation): string {
	const thresholds = thresholdsOf(result.settings);
	const rows = labelRows(result);
	return JSON.stringify(
		{
			answer: answerSentences(result, { band: "middle", accounting: "dedicated" }),
			datasets: result.datasets,
			multiplicity: multiplicity(rows, thresholds.level),
			labels: rows.map((row) => {
				const next = nextOf(row, thresholds);
				return { ...row, because: becauseOf(row, thresholds), ...(next === undefined ? {} : { next }) };
			}),
			settings: result.settings,
		},
		null,
		2,
	);
}

/** The labels as a table a device class, the reasons of those in the middle band, and the answer. */
function evaluationText(result: Evaluation): string {
	const { settings } = result;
	const thresholds = thresholdsOf(settings);
	const rows = labelRows(result).filter(({ shown }) => shown);
	const bands = settings.bands.map(({ name }) => name);
	const lines: string[] = [];
	for (const { dataset, cells, leftOut } of result.datasets)
		if (cells === 0) lines.push(`${dataset}: not used (${Object.keys(leftOut).join("; ")})`);
	for (const accounting of ["dedicated", "shared"] as const) {
		lines.push(
			"",
			`Idle power ${accounting === "dedicated" ? "paid by the replica's own machine" : "paid by a machine that runs anyway"}`,
			"",
		);
		const own = rows.filter((row) => row.accounting === accounting);
		const knobs = own.filter(({ band }) => band === bands[0]);
		lines.push(
			...aligned([
				["device", "knob", ...bands],
				...knobs.map((row) => [
					`${deviceWords[row.device]}${row.trajectory === undefined ? "" : ` (controller of ${row.trajectory})`}`,
					knobWords(row.knob, row.device),
					...bands.map((band) => cellText(own.find((one) => one.band === band && sameKnob(one, row)))),
				]),
			]),
		);
	}
	const open = rows.filter(({ band, accounting }) => band === "middle" && accounting === "dedicated");
	lines.push("", "Why, at 1 to 5 times the median throughput, idle power paid by the replica:");
	for (const row of open) {
		const next = nextOf(row, thresholds);
		lines.push(
			`  ${deviceWords[row.device]}, ${knobWords(row.knob, row.device)}: ${row.label}: ${becauseOf(row, thresholds)}${next === undefined ? "" : `. Next: ${next}`}`,
		);
	}
	lines.push("", ...answerSentences(result, { band: "middle", accounting: "dedicated" }), "");
	return lines.join("\n");
}

function sameKnob(a: LabelRow, b: LabelRow): boolean {
	return a.device === b.device && a.trajectory === b.trajectory && a.knob === b.knob;
}

function cellText(row: LabelRow | undefined): string {
	if (row === undefined) return "";
	if (row.label === "stands-in") return `${metricWords(row.metric, row.device)}${row.reversed ? " reversed" : ""}`;
	return row.label === "derivable" ? "derivable" : row.label === "independent" ? "independent" : "?";
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
