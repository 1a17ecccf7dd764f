import { join, resolve } from "node:path";
import { readEvaluationSettings } from "../datasets/dataFiles.js";
import { isFolder } from "../datasets/file.js";
import { parseMapping } from "../datasets/mapping.js";
import { readEvidenceOf, writeDatasetFolder } from "../datasets/readEvidence.js";
import { packageRoot } from "../datasets/root.js";
import { type Evaluation, evaluate, type LabelRow, labelRows, multiplicity } from "../evaluation/evaluate.js";
import type { Evidence } from "../evaluation/evidence.js";
import { thresholdsOf } from "../evaluation/settings.js";
import { becauseOf, deviceWords, knobWords, metricWords, nextOf } from "../report/labelWords.js";
import { answerSentences } from "../report/studyWords.js";
import { alignedText } from "../report/table.js";
import { answer, describeCommand, reportOption } from "./command.js";
import { progressOn } from "./signals.js";

export const evaluateCommand = describeCommand({
	about: "Does energy add information to IPA's metrics? Without arguments: on all shipped data.",
	examples: ["", "my.csv", "my.csv measurements/video-quick/dataset --json", "lab.csv --map map.yaml"],
	args: [
		{
			name: "FILE.csv|FOLDER",
			about:
				"a table of your own measurements (docs/bring-your-own.md; - for standard input), or a dataset with provenance.yaml",
			optional: true,
			several: true,
		},
	],
	options: {
		json: {
			about: "every label with its numbers, its reason and what to measure next, as one JSON object on standard output",
		},
		map: {
			value: "MAP",
			about:
				"what the columns of your table are: name=Column:unit,name==text,... or a YAML file (docs/bring-your-own.md)",
		},
		settings: { value: "FILE", about: "thresholds and rates", otherwise: "data/evaluation.yaml" },
		...reportOption,
	},
	run: async (call) => {
		const { values, args, note, quiet } = call;
		const settingsFile = resolve(values.settings ?? join(packageRoot, "data/evaluation.yaml"));
		const settings = await readEvaluationSettings(settingsFile);
		const map = values.map === undefined ? undefined : await parseMapping(values.map);
		for (const line of map?.stated ?? []) note(line);
		const evidence = await readEvidenceOf(args, map);
		const progress = progressOn(quiet, { after_s: 2, every_s: 5 });
		const result = evaluate(evidence, settings, (done, groups) => progress.step(done, groups, "labels"));
		progress.end();
		for (const { dataset, undeclared_workloads } of result.datasets)
			for (const name of undeclared_workloads)
				note(
					`${dataset}: is ${name} a choice, or what the requests ask for? It is compared over as a choice. Where it cannot be chosen, name its column workload_${name} (docs/bring-your-own.md).`,
				);
		answer(values.json, evaluationJson(result), () => evaluationText(result));
		if (values.report !== undefined) {
			const evidencePaths = await readable(args, evidence, values.map !== undefined, values.report);
			await (await import("./reportCommand.js")).reportOn(
				"evaluate",
				{ evidencePaths, settingsFile },
				values.report,
				call,
			);
		}
		return 0;
	},
});

/**
 * What the report's notebook reads: folders and tables where they are; one that came by --map or standard input is kept
 * beside the report as a dataset folder, `out-data/NAME`.
 */
async function readable(
	paths: readonly string[],
	evidence: readonly Evidence[],
	mapped: boolean,
	report: string,
): Promise<string[]> {
	return Promise.all(
		paths.map(async (path, i) => {
			const read = evidence[i];
			if (read === undefined || (path !== "-" && (!mapped || (await isFolder(path))))) return resolve(path);
			const same = evidence.slice(0, i).filter(({ dataset }) => dataset === read.dataset).length;
			const folder = resolve(report.replace(/\.html?$/, "-data"), `${read.dataset}${same === 0 ? "" : `-${same + 1}`}`);
			await writeDatasetFolder(folder, read.provenance, read.cells);
			return folder;
		}),
	);
}

/** Every label with its numbers and, in words, its reason and what to measure next. */
function evaluationJson(result: Evaluation): object {
	const thresholds = thresholdsOf(result.settings);
	const rows = labelRows(result);
	return {
		answer: answerSentences(result, { band: "middle", accounting: "dedicated" }),
		datasets: result.datasets,
		multiplicity: multiplicity(rows, thresholds.level),
		labels: rows.map((row) => {
			const next = nextOf(row, thresholds, rows);
			return { ...row, because: becauseOf(row, thresholds), ...(next === undefined ? {} : { next }) };
		}),
		settings: result.settings,
	};
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
	for (const accounting of rows.length === 0 ? [] : (["dedicated", "shared"] as const)) {
		lines.push(
			"",
			`Idle power ${accounting === "dedicated" ? "paid by the replica's own machine" : "paid by a machine that runs anyway"}`,
			"",
		);
		const own = rows.filter((row) => row.accounting === accounting);
		const knobs = own.filter(({ band }) => band === bands[0]);
		lines.push(
			...alignedText([
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
	if (open.length > 0) lines.push("", "Why, at 1 to 5 times the median throughput, idle power paid by the replica:");
	for (const row of open) {
		const next = nextOf(row, thresholds, labelRows(result));
		lines.push(
			`  ${deviceWords[row.device]}, ${knobWords(row.knob, row.device)}: ${row.label}: ${becauseOf(row, thresholds)}${next === undefined ? "" : `. Next: ${next}`}`,
		);
	}
	lines.push("", ...answerSentences(result, { band: "middle", accounting: "dedicated" }));
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
