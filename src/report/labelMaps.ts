import { type Evaluation, type LabelRow, labelRows } from "../evaluation/evaluate.js";
import type { DeviceClass } from "../evaluation/evidence.js";
import { metrics } from "../evaluation/grid.js";
import type { Label } from "../evaluation/label.js";
import { thresholdsOf } from "../evaluation/settings.js";
import type { Figure } from "./house.js";
import { becauseOf, deviceWords, knobWords, metricWords, percent } from "./labelWords.js";
import { type MatrixCell, matrix } from "./matrix.js";
import type { AnswerView } from "./studyWords.js";

export type LabelledStudy = Pick<Evaluation, "groups" | "settings">;

const colours: Readonly<Record<Label, string>> = {
	"stands-in": "#7fc8a9",
	derivable: "#9ecae8",
	independent: "#f0a35e",
	undetermined: "#e4e4e4",
};
const classes = (Object.keys(colours) as Label[]).map((name) => ({ name, colour: colours[name] }));
const devices: readonly DeviceClass[] = ["cpu", "gpu", "board"];
const source = "data/raw, each with its provenance; thresholds in data/evaluation.yaml";

/** The labels of a study as maps. */
export interface LabelMaps {
	/** Device classes by IPA's knobs, with the metric that stands in. */
	readonly answer: Figure;
	/** Cost in every band of rates, under both accountings of idle power: the proposal's own question. */
	readonly cost: Figure;
	/** Every metric in the view's band and accounting. */
	readonly metrics: Figure;
}

/**
 * The labels of a study as maps, coloured by the label.
 *
 * @example
 * const evidence = [await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`)];
 * const study = evaluation.evaluate(evidence, await datasets.readEvaluationSettings());
 * const maps = figures.labels(study, { band: "middle", accounting: "dedicated" });
 * Object.keys(maps); // → ["answer", "cost", "metrics"]
 */
export function labelMaps(study: LabelledStudy, view: AnswerView): LabelMaps {
	return { answer: answerMap(study, view), cost: metricMap(study, "cost"), metrics: metricsMap(study, view) };
}

/** The answer in one figure: device classes by IPA's knobs, coloured by the label, with the metric that stands in. */
export function answerMap(study: LabelledStudy, view: AnswerView): Figure {
	const rows = rowsOf(study).filter((row) => row.band === view.band && row.accounting === view.accounting && row.shown);
	const knobs = ["variant", "batch", "allocation", "precision", "resolution", "runtime", "power"];
	return matrix({
		title: "What stands in for energy",
		caption:
			"In a cell: the metric that IPA has and that orders energies as energy itself does. Formula: none does, but power after 8 calibration runs does. None: energy adds information. ?: the evidence cannot tell. Empty: not measured.",
		kind: "measured",
		source,
		rows: devices.map((device) => `${deviceWords[device]}s`.replace("edge ", "edge<br>")),
		columns: knobs.map((knob) =>
			knob === "allocation"
				? "cores or<br>GPUs"
				: knobWords(knob, "cpu")
						.replace(" ", "<br>")
						.replace(/^(pre|reso)/, "$1-<br>"),
		),
		cells: devices.map((device) =>
			knobs.map((knob) =>
				cellOf(
					study,
					rows.find((row) => row.device === device && row.knob === knob),
				),
			),
		),
		classes,
		rowHeight: 56,
	});
}

/** One metric's label in every band of rates, under both accountings of idle power: cost, the proposal's own question. */
export function metricMap(study: LabelledStudy, metric: LabelRow["metric"]): Figure {
	const rows = rowsOf(study).filter((row) => row.metric === metric);
	const columns = [...new Map(rows.map((row) => [`${row.accounting} ${row.band}`, row])).values()];
	return matrix({
		title: `Does ${metric === "core_seconds" ? "core-seconds" : metric} stand in for energy?`,
		caption:
			"Misranked share of the energy at stake with the lowest and the highest idle power, by rate (low: 0.25 to 0.5 times the median throughput of a replica, middle: 1 to 5, high: 20 to 100, limit: no idle replica) and by who pays for idle power: own, the replica's own machine; shared, a machine that runs anyway.",
		kind: "measured",
		source,
		...byKnob(study, rows, columns, (row, column) => row.accounting === column.accounting && row.band === column.band),
		columns: columns.map(({ accounting, band }) => `${accounting === "dedicated" ? "own" : "shared"}<br>${band}`),
		classes,
	});
}

/** Every metric's label in one band and accounting. */
export function metricsMap(study: LabelledStudy, view: AnswerView): Figure {
	const rows = rowsOf(study).filter((row) => row.band === view.band && row.accounting === view.accounting);
	return matrix({
		title: "Every metric over every knob",
		caption: `Misranked share of the energy at stake with the lowest and the highest idle power. 0 %: the metric orders energies perfectly; 50 %: a coin; 100 %: perfectly upside down.`,
		kind: "measured",
		source,
		...byKnob(
			study,
			rows,
			metrics.map(({ name }) => ({ metric: name })),
			(row, column) => row.metric === column.metric,
		),
		columns: metrics.map(({ name }) =>
			name === "core_seconds" ? "core-<br>seconds" : name.replace("throughput", "through-<br>put"),
		),
		classes,
	});
}

function byKnob<C>(
	study: LabelledStudy,
	rows: readonly LabelRow[],
	columns: readonly C[],
	fits: (row: LabelRow, column: C) => boolean,
) {
	const knobs = [...new Map(rows.map((row) => [`${row.device} ${row.knob}`, row])).values()].toSorted(
		(a, b) => devices.indexOf(a.device) - devices.indexOf(b.device),
	);
	return {
		rows: knobs.map(({ device, knob }) => `${deviceWords[device].replace("edge ", "")}: ${knobWords(knob, device)}`),
		cells: knobs.map(({ device, knob }) =>
			columns.map((column) => {
				const row = rows.find((one) => one.device === device && one.knob === knob && fits(one, column));
				return { ...cellOf(study, row), text: row === undefined ? "" : sharesText(row) };
			}),
		),
	};
}

/** "3 %", or "3, 18 %" where idle power makes a difference; empty where no pair differs. */
function sharesText({ ends }: LabelRow): string {
	const shares = ends.flatMap(({ misranked }) => (misranked === undefined ? [] : [percent(misranked.share)]));
	const [first, second] = shares;
	if (first === undefined) return "";
	return second === undefined || second === first ? first : `${first.replace(" %", "")}, ${second}`;
}

function cellOf(study: LabelledStudy, row: LabelRow | undefined): MatrixCell {
	if (row === undefined) return { class: undefined, text: "" };
	const texts: Readonly<Record<Label, string>> = {
		"stands-in": metricWords(row.metric, row.device)
			.replace("throughput", "through-<br>put")
			.replace("-seconds", "-<br>seconds")
			.replace(/ \(.*/, ""),
		derivable: "formula",
		independent: "none",
		undetermined: "?",
	};
	return { class: row.label, text: texts[row.label], hover: wrapped(becauseOf(row, thresholdsOf(study.settings))) };
}

function wrapped(text: string): string {
	return text.replace(/(.{60,}?) /g, "$1<br>");
}

function rowsOf(study: LabelledStudy): LabelRow[] {
	return labelRows(study).filter(({ trajectory }) => trajectory === undefined);
}
