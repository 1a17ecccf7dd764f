import type { Evaluation } from "../../evaluation/evaluate.js";
import { type LabelRow, labelRows, multiplicity } from "../../evaluation/labelRows.js";
import { thresholdsOf } from "../../evaluation/settings.js";
import { deviceWords, knobWords, metricWords } from "./labelWords.js";

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
	const of = (label: LabelRow["label"]) => rows.filter((row) => row.label === label);
	const where = (list: readonly LabelRow[]) =>
		list.map(({ knob, device }) => `${knobWords(knob, device)} on ${deviceWords[device]}s`).join(", ");
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

/** The answer as Markdown: three sentences, and what a reader who runs IPA can do with them. */
export function answerMarkdown(result: Pick<Evaluation, "groups" | "settings">, view: AnswerView): string {
	return answerSentences(result, view).join("\n\n");
}

/** How many labels there are, and how many of their claims could be false by chance alone. */
export function multiplicityMarkdown(result: Pick<Evaluation, "groups" | "settings">): string {
	const { level } = thresholdsOf(result.settings);
	const { labels, claims, by_chance_at_most } = multiplicity(labelRows(result), level);
	return `Of ${labels} labels (device, knob, band of rates, metric, accounting) ${claims} claim that a metric stands in or that energy is independent. If each of these claims were false and all of them rested on data of their own, about ${Math.round(by_chance_at_most)} would pass by chance; they share data, so read a row of agreeing labels as one claim.`;
}
