import type { KeptInstruments } from "../../datasets/instruments.js";
import type { Evaluation, MovedThreshold } from "../../evaluation/evaluate.js";
import type { Evidence } from "../../evaluation/evidence.js";
import { labelRows } from "../../evaluation/labelRows.js";
import { thresholdsOf } from "../../evaluation/settings.js";
import type { AnswerView } from "./answer.js";
import { becauseOf, deviceWords, knobWords, metricWords, nextOf, percent } from "./labelWords.js";

/** What the study rests on: a row a data set, with what of it is used. */
export function evidenceRows(evidence: readonly Evidence[], { datasets }: Pick<Evaluation, "datasets">) {
	return evidence.map(({ dataset, provenance, cells }) => {
		const use = datasets.find((one) => one.dataset === dataset);
		return {
			"data set": provenance.title,
			device: [...new Set(cells.map(({ device }) => deviceWords[device]))].join(", "),
			meter: provenance.energy_method,
			kind: provenance.kind,
			cells: cells.length,
			"of these used": use?.cells ?? 0,
			variants: new Set(cells.map(({ variant, network }) => network ?? variant)).size,
			populations: use?.populations ?? 0,
			"left out, and why": Object.entries(use?.leftOut ?? {})
				.map(([reason, count]) => `${count}: ${reason}`)
				.join("; "),
		};
	});
}

/** The label of every knob with its numbers, and what to measure next: one band, one accounting. */
export function knobRows(study: Pick<Evaluation, "groups" | "settings">, { band, accounting }: AnswerView) {
	const thresholds = thresholdsOf(study.settings);
	return labelRows(study)
		.filter((row) => row.band === band && row.accounting === accounting && row.shown)
		.map((row) => ({
			device: `${deviceWords[row.device]}${row.trajectory === undefined ? "" : `, visited by the controller of ${row.trajectory}`}`,
			knob: knobWords(row.knob, row.device),
			label: row.label,
			metric: row.label === "stands-in" ? metricWords(row.metric, row.device) : "",
			because: becauseOf(row, thresholds),
			"measure next": nextOf(row, thresholds) ?? "",
		}));
}

/** Each threshold moved: how many labels change, and which claims come or go. */
export function sensitivityRows(moved: readonly MovedThreshold[], { settings }: Pick<Evaluation, "settings">) {
	return moved.map(({ threshold, value, labels, changed }) => ({
		threshold: threshold.replaceAll("_", " "),
		"set to": settings.thresholds[threshold].value,
		"moved to": value,
		"labels that change": `${changed.length} of ${labels}`,
		"from one claim to another": changed.filter(({ from, to }) => from !== "undetermined" && to !== "undetermined")
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

/** The thresholds with their reasons. */
export function thresholdRows({ settings }: Pick<Evaluation, "settings">) {
	return Object.entries(settings.thresholds).map(([name, { value, reason }]) => ({
		threshold: name.replaceAll("_", " "),
		value,
		reason,
	}));
}

/** The instruments: of which share of the labels is the right one, how often each comes out, and what intervals cover. */
export function instrumentRows({ rows }: KeptInstruments) {
	return rows.map(({ device, instrument, noise, told, scored, right, labels, intervals, covering }) => ({
		device: deviceWords[device],
		"energies made up": instrument === "core_seconds" ? "core-seconds" : instrument,
		noise: percent(noise),
		"told as": percent(told),
		"labels scored": scored,
		right: scored === 0 ? "" : percent(right / scored),
		...Object.fromEntries(
			Object.entries(labels).map(([label, count]) => [label, scored === 0 ? "" : percent(count / scored)]),
		),
		"intervals that cover": intervals === 0 ? "" : percent(covering / intervals),
	}));
}
