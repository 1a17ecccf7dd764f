import type { KeptInstruments } from "../datasets/dataFiles.js";
import {
	type Evaluation,
	type LabelRow,
	labelRows,
	type MovedThreshold,
	multiplicity,
} from "../evaluation/evaluate.js";
import { thresholdsOf } from "../evaluation/settings.js";
import { groupBy } from "../group.js";
import { becauseOf, deviceWords, knobWords, metricWords, nextOf, percent } from "./labelWords.js";

/** Which labels the answer is read from: a band of rates and an accounting. */
export interface AnswerView {
	readonly band: string;
	readonly accounting: LabelRow["accounting"];
}

/**
 * The answer in three sentences, from the labels of one band and accounting: where a metric stands in, where energy is
 * derivable or independent, and what cannot be told.
 */
export function answerSentences(result: Pick<Evaluation, "groups" | "settings">, view: AnswerView): string[] {
	const rows = labelRows(result).filter(
		({ band, accounting, shown, trajectory }) =>
			band === view.band && accounting === view.accounting && shown && trajectory === undefined,
	);
	if (rows.length === 0)
		return [
			"Nothing could be compared: no two cells with a measured energy differ in one knob alone, on one machine and workload. Two batch sizes, allocations or variants of the same model, all else equal, are the least that can be looked at.",
		];
	const of = (label: LabelRow["label"]) => rows.filter((row) => row.label === label);
	const where = (list: readonly LabelRow[]) =>
		[...groupBy(list, ({ knob, device }) => (knob === "allocation" ? knobWords(knob, device) : knobWords(knob, "cpu")))]
			.map(
				([knob, own]) =>
					`${knob} (${own.map(({ device }) => `${deviceWords[device].replace("edge ", "")}s`).join(", ")})`,
			)
			.join(", ");
	const standing = of("stands-in");
	const byMetric = [...new Set(standing.map(({ metric, device }) => metricWords(metric, device)))].map(
		(name) => `${name} over ${where(standing.filter(({ metric, device }) => metricWords(metric, device) === name))}`,
	);
	const [derivable, independent, open] = [of("derivable"), of("independent"), of("undetermined")];
	return [
		standing.length === 0
			? "No metric that IPA has is shown to stand in for energy."
			: `A metric that IPA has stands in for energy: ${byMetric.join("; ")}.`,
		derivable.length + independent.length === 0
			? "Nowhere else is energy shown to be derivable, or to be independent of all that IPA knows."
			: [
					...(derivable.length > 0
						? [`No metric does over ${where(derivable)}, where a formula for power after a few calibration runs does`]
						: []),
					...(independent.length > 0 ? [`energy adds information over ${where(independent)}`] : []),
				]
					.join("; ")
					.concat(
						independent.length === 0 ? "; nowhere is energy shown to be independent of all that IPA knows." : ".",
					),
		open.length === 0 ? "Every knob that was measured is decided." : `It cannot be told over ${where(open)}.`,
	];
}

/**
 * The answer as Markdown: three sentences, and what a reader who runs IPA can do with them.
 *
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const study = evaluation.evaluate([edgetune], await datasets.readEvaluationSettings());
 * const [first] = words.answer(study, { band: "middle", accounting: "dedicated" }).split("\n\n");
 * first; // → "No metric that IPA has is shown to stand in for energy."
 */
export function answerMarkdown(result: Pick<Evaluation, "groups" | "settings">, view: AnswerView): string {
	return answerSentences(result, view).join("\n\n");
}

/**
 * How many labels there are, and how many of their claims could be false by chance alone.
 *
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const study = evaluation.evaluate([edgetune], await datasets.readEvaluationSettings());
 * words.multiplicity(study).startsWith("Of 120 labels"); // → true
 */
export function multiplicityMarkdown(result: Pick<Evaluation, "groups" | "settings">): string {
	const { level } = thresholdsOf(result.settings);
	const { labels, claims, by_chance_at_most } = multiplicity(labelRows(result), level);
	return `Of ${labels} labels (device, knob, band of rates, metric, accounting) ${claims} claim that a metric stands in or that energy is independent. If each of these claims were false and all of them rested on data of their own, about ${Math.round(by_chance_at_most)} would pass by chance; they share data, so read a row of agreeing labels as one claim.`;
}

/**
 * What the instruments say of the labels, in a sentence or two: the worst device class of each.
 *
 * @example
 * const kept = await datasets.readInstruments(`${datasets.dataRoot}/derived/instruments.json`);
 * words.instruments(kept).startsWith("With noise told, over device classes: coupled energies read right in"); // → true
 */
export function instrumentsMarkdown({ rows, draws, seed, commit }: KeptInstruments): string {
	const told = rows.filter(({ noise, told: said, scored }) => noise === said && scored > 0);
	const range = (names: readonly string[], share: (row: KeptInstruments["rows"][number]) => number) => {
		const shares = told.filter(({ instrument }) => names.includes(instrument)).map(share);
		return `${percent(Math.min(...shares))} to ${percent(Math.max(...shares))}`;
	};
	const right = ({ right: count, scored }: KeptInstruments["rows"][number]) => count / scored;
	const coupled = ["throughput", "core_seconds", "latency"];
	const wrongly = (names: readonly string[], label: "stands-in" | "independent") =>
		rows.filter(({ instrument }) => names.includes(instrument)).reduce((sum, { labels }) => sum + labels[label], 0);
	return `With noise told, over device classes: coupled energies read right in ${range(coupled, right)} of the labels, independent ones in ${range(["independent"], right)}, derivable ones in ${range(["derivable"], right)}, mixed ones in ${range(["mixed"], right)}; the rest reads undetermined. In all draws, noise understated included, coupled energies read independent ${wrongly(coupled, "independent")} times, and independent ones stands-in ${wrongly(["independent"], "stands-in")} times. (${draws} draws of each, seed ${seed}, commit ${commit.slice(0, 7)}; \`make instruments\`.)`;
}

/**
 * The label of every knob with its numbers, and what to measure next: one band, one accounting.
 *
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const study = evaluation.evaluate([edgetune], await datasets.readEvaluationSettings());
 * const [variant] = words.knobs(study, { band: "middle", accounting: "dedicated" });
 * variant.measure_next; // → "measure 3 more variants on the same machine"
 */
export function knobRows(study: Pick<Evaluation, "groups" | "settings">, { band, accounting }: AnswerView) {
	const thresholds = thresholdsOf(study.settings);
	const rows = labelRows(study);
	return rows
		.filter((row) => row.band === band && row.accounting === accounting && row.shown)
		.map((row) => ({
			device: `${deviceWords[row.device]}${row.trajectory === undefined ? "" : `, visited by the controller of ${row.trajectory}`}`,
			knob: knobWords(row.knob, row.device),
			label: row.label,
			metric: row.label === "stands-in" ? metricWords(row.metric, row.device) : "",
			because: becauseOf(row, thresholds),
			measure_next: nextOf(row, thresholds, rows) ?? "",
		}));
}

/**
 * Each threshold moved: how many labels change, and which claims come or go.
 *
 * @example
 * const settings = await datasets.readEvaluationSettings();
 * const moved = [{ threshold: "misranked_bound", value: 0.05, labels: 6, changed: [] }];
 * words.sensitivity(moved, { settings })[0].threshold; // → "misranked bound"
 */
export function sensitivityRows(moved: readonly MovedThreshold[], { settings }: Pick<Evaluation, "settings">) {
	return moved.map(({ threshold, value, labels, changed }) => ({
		threshold: threshold.replaceAll("_", " "),
		set_to: settings.thresholds[threshold].value,
		moved_to: value,
		labels,
		labels_that_change: changed.length,
		from_one_claim_to_another: changed.filter(({ from, to }) => from !== "undetermined" && to !== "undetermined")
			.length,
		which: [
			...new Set(
				changed.map(
					({ device, knob, from, to }) => `${deviceWords[device]} ${knobWords(knob, device)}: ${from} to ${to}`,
				),
			),
		].join("; "),
	}));
}
