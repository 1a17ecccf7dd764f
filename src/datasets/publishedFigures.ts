import { join } from "node:path";
import { type CsvTable, readCsv } from "./csv.js";
import { numberField, optionalText, textField } from "./field.js";
import { packageRoot } from "./root.js";

/** A figure of the paper's tables (data/raw/ipa-paper), or undefined where the paper prints none. */
export function publishedFigure(
	{ rows }: CsvTable,
	table: string,
	entity: string,
	attribute: string,
): number | undefined {
	const row = rows.find(
		({ values }) => values.table === table && values.entity === entity && values.attribute === attribute,
	);
	return row === undefined || row.values.value === "" ? undefined : numberField(row, "value", "none");
}

/** The same, where the figure must be there. Throws Error naming it. */
export function requiredFigure(paper: CsvTable, table: string, entity: string, attribute: string): number {
	const value = publishedFigure(paper, table, entity, attribute);
	if (value === undefined) throw new Error(`${paper.file} has no ${table}, ${entity}, ${attribute}`);
	return value;
}

/** Folder of what was read off IPA's published figures. */
export const publishedFolder = join(packageRoot, "data/raw/ipa-published");

/** A bar of Figure 14 (weights) or 16 (predictors): a mean or a count over a run of the bursty window. */
export interface PublishedBar {
	readonly figure: string;
	readonly pipeline: string;
	readonly family: string;
	readonly case: string;
	readonly metric: string;
	readonly value: number;
}

/** A point of Figure 15: a quantile of a run's latencies, s, or the share of its seconds within the SLA. */
export interface PublishedLatency {
	readonly pipeline: string;
	readonly system: string;
	readonly what: "quantile" | "share_within_sla";
	/** The quantile's share, or the SLA, s. */
	readonly at: number;
	readonly value: number;
}

/** A second of Figure 7: the load, and what IPA's LSTM says of it, requests/s. */
export interface PublishedForecast {
	readonly window: string;
	readonly second: number;
	readonly real_rps: number;
	readonly lstm_rps: number;
	/** Read between two vertices of the line rather than at one. */
	readonly interpolated: boolean;
}

/** Reads the bars of Figures 14 and 16. Throws InputError with the line of a bad row. */
export async function readPublishedBars(
	file = join(publishedFolder, "ipa-published-bars.csv"),
): Promise<PublishedBar[]> {
	return (await readCsv(file)).rows.map((row) => ({
		figure: textField(row, "figure"),
		pipeline: textField(row, "pipeline"),
		family: textField(row, "accuracy_method"),
		case: textField(row, "case"),
		metric: textField(row, "metric"),
		value: numberField(row, "value", "not negative"),
	}));
}

/** Reads the distributions of Figure 15. Throws InputError with the line of a bad row. */
export async function readPublishedLatencies(
	file = join(publishedFolder, "ipa-published-latency.csv"),
): Promise<PublishedLatency[]> {
	return (await readCsv(file)).rows.map((row) => ({
		pipeline: textField(row, "pipeline"),
		system: textField(row, "system"),
		what: textField(row, "what") === "quantile" ? "quantile" : "share_within_sla",
		at: numberField(row, "at", "not negative"),
		value: numberField(row, "value", "none"),
	}));
}

/** Reads the LSTM of Figure 7. Throws InputError with the line of a bad row. */
export async function readPublishedForecasts(
	file = join(publishedFolder, "ipa-published-lstm.csv"),
): Promise<PublishedForecast[]> {
	return (await readCsv(file)).rows.map((row) => ({
		window: textField(row, "window"),
		second: numberField(row, "second", "whole"),
		real_rps: numberField(row, "real_rps", "not negative"),
		lstm_rps: numberField(row, "lstm_rps", "not negative"),
		interpolated: optionalText(row, "flag") === "interpolated",
	}));
}
