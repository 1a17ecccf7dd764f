import type { Evaluation } from "../../evaluation/evaluate.js";
import { valuesOf } from "../../evaluation/evaluate.js";
import { metrics } from "../../evaluation/metrics.js";
import { verdictMatrix, verdictText } from "../../evaluation/summary.js";
import type { Figure } from "../figure.js";
import { matrix } from "../plots/matrix.js";
import { metricShort } from "./labels.js";

// Light tints of the house palette, on which black text reads.
const classes = [
	{ name: "coupled", colour: "#a6cee3" },
	{ name: "adds-information", colour: "#fdbf6f" },
	{ name: "undetermined", colour: "#e3e3e3" },
] as const;

/**
 * The verdict on each metric, a row for each dataset (or, by population, each hardware) and knob.
 * Studies with suspect cells are left to the tables.
 */
export function verdictMatrixPlot(
	evaluation: Evaluation,
	rowsFor: "dataset" | "population" = "dataset",
	datasets?: readonly string[],
): Figure {
	const studies = evaluation.studies.filter(
		({ selection, population, dataset }) =>
			selection === "clean" &&
			(population === undefined) === (rowsFor === "dataset") &&
			(datasets === undefined || datasets.includes(dataset)),
	);
	const rows = verdictMatrix(studies, valuesOf(evaluation.settings.thresholds));
	return matrix({
		title: `Verdict by ${rowsFor} and knob: can the metric stand in for energy per request?`,
		caption:
			'Numbers: rank correlation with energy. "coupled": it can; "adds": it demonstrably cannot; "?": the evidence cannot tell. * barred from the verdict. Hover for the reason.',
		kind: "digitised",
		source: "measured and digitised energies, see the table of evidence",
		columns: metrics.map(({ name }) => metricShort[name]),
		rows: rows.map(
			({ dataset, population, knob, barred }) =>
				`${population === "" ? dataset : `${dataset}: ${population}`}, ${knob === "all" ? "everything" : knob}${barred ? " *" : ""}`,
		),
		cells: rows.map(({ verdicts }) =>
			metrics.map(({ name }) => {
				const verdict = verdicts.find(({ metric }) => metric === name);
				if (verdict === undefined || verdict.because === "metric-absent") return { class: undefined, text: "" };
				return { class: verdict.verdict, text: verdictText(verdict), hover: `${verdict.verdict}: ${verdict.because}` };
			}),
		),
		classes,
	});
}
