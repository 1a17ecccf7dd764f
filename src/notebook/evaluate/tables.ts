import type { Evaluation } from "../../evaluation/evaluate.js";
import { valuesOf } from "../../evaluation/evaluate.js";
import type { Evidence } from "../../evaluation/evidence.js";
import { verdictsOf } from "../../evaluation/verdict.js";
import type { FrameValue } from "../frames.js";
import { headlineStudies } from "./labels.js";

type Row = Readonly<Record<string, FrameValue>>;

/** The evidence, a row for each dataset: hardware, cells, kind, how energy was measured, and any bar. */
export function evidenceRows(evidence: readonly Evidence[]): Row[] {
	return evidence.map(({ dataset, provenance, cells }) => ({
		dataset,
		hardware: provenance.hardware,
		cells: cells.length,
		variants: new Set(cells.map(({ variant }) => variant)).size,
		kind: provenance.kind,
		"energy measured by": provenance.energy_method,
		"counts in the verdict": provenance.barred === undefined ? "yes" : `no: ${provenance.barred}`,
	}));
}

/** Cells that a study leaves out, by reason. */
export function leftOutRows({ studies }: Evaluation): Row[] {
	return headlineStudies(studies).flatMap(({ dataset, cells, leftOut }) =>
		Object.entries(leftOut).map(([reason, count]) => ({ dataset, reason, "left out": count, kept: cells })),
	);
}

/** Where pooled and within-knob answers disagree: Simpson's paradox, said before anything else. */
export function simpsonRows({ studies }: Evaluation): Row[] {
	return headlineStudies(studies).flatMap(({ dataset, simpson }) =>
		simpson
			.filter(({ per }) => per === "request")
			.map(({ metric, knob, pooled, within, disagreement }) => ({
				dataset,
				metric,
				knob,
				pooled,
				within,
				disagreement,
			})),
	);
}

/** How much of energy's variance all metrics together explain in variants not seen, by dataset and knob. */
export function explainedRows({ studies }: Evaluation): Row[] {
	return headlineStudies(studies).flatMap(({ dataset, joint }) =>
		joint
			.filter(({ per }) => per === "request")
			.map(({ knob, explained, energyRatio }) => ({
				dataset,
				knob,
				"R2 out of sample": explained.status === "estimated" ? explained.r2 : null,
				low: explained.status === "estimated" ? explained.interval.low : null,
				high: explained.status === "estimated" ? explained.interval.high : null,
				"median error (%)": explained.status === "estimated" ? 100 * explained.medianRelativeError : null,
				"largest / smallest energy": energyRatio,
				note: explained.status === "estimated" ? "" : explained.reason,
			})),
	);
}

/** Energies of configurations that every other metric calls alike. */
export function lookalikeRows({ studies }: Evaluation): Row[] {
	return headlineStudies(studies).flatMap(({ dataset, lookalikes }) =>
		lookalikes.map(({ tolerance, pairs, ratio }) => ({
			dataset,
			"agree within (%)": 100 * tolerance,
			pairs,
			"energy ratio, median": ratio?.median,
			"90th percentile": ratio?.p90,
			largest: ratio?.max,
		})),
	);
}

/** Energy left on the table by choosing without energy, by tolerance of the objective. */
export function regretRows({ studies }: Evaluation): Row[] {
	return headlineStudies(studies).flatMap(({ dataset, regret }) =>
		regret.map((row) => ({
			dataset,
			"objective within (%)": 100 * row.tolerance,
			scenarios: row.status === "estimated" ? row.scenarios : null,
			"with a choice": row.status === "estimated" ? row.withChoice : null,
			"saved, median (%)": row.status === "estimated" ? 100 * row.median : null,
			"90th percentile (%)": row.status === "estimated" ? 100 * row.p90 : null,
			"largest (%)": row.status === "estimated" ? 100 * row.max : null,
		})),
	);
}

/** Configurations that only energy brings onto the Pareto front. */
export function frontRows({ studies }: Evaluation): Row[] {
	return headlineStudies(studies).flatMap(({ dataset, fronts }) =>
		fronts.map(({ axes, cells, without, withEnergy, entered }) => ({
			dataset,
			axes: axes.join(", "),
			configurations: cells,
			"front without energy": without.length,
			"front with energy": withEnergy.length,
			entered,
		})),
	);
}

/** Pairs that a metric ranks one way and energy the other. */
export function discordanceRows({ studies }: Evaluation): Row[] {
	return headlineStudies(studies).flatMap(({ dataset, couplings }) =>
		couplings.flatMap(({ knob, metric, per, coupling }) =>
			per === "request" && knob === "all" && coupling.status === "estimated"
				? [
						{
							dataset,
							metric,
							pairs: coupling.discordance.untied,
							"ranked against energy (%)":
								coupling.discordance.share === undefined ? null : 100 * coupling.discordance.share,
							"tied in the metric alone": coupling.discordance.metricTied,
						},
					]
				: [],
		),
	);
}

/** Correlation per request and per batch, side by side, for one dataset: the denominator can flip the sign. */
export function denominatorRows({ studies }: Evaluation, dataset: string): Row[] {
	return studies
		.filter((study) => study.dataset === dataset && study.selection === "clean")
		.flatMap(({ population, couplings }) =>
			couplings
				.filter(({ per }) => per === "request")
				.map(({ knob, metric, coupling }) => {
					const other = couplings.find(
						(row) => row.per === "batch" && row.knob === knob && row.metric === metric,
					)?.coupling;
					return {
						population: population ?? "all, kept apart",
						knob,
						metric,
						"per request": coupling.status === "estimated" ? coupling.correlation : null,
						"per batch": other?.status === "estimated" ? other.correlation : null,
					};
				})
				.filter((row) => row["per request"] !== null || row["per batch"] !== null),
		);
}

/** The conclusion on each metric. */
export function conclusionRows({ conclusion }: Evaluation): Row[] {
	return conclusion.metrics.map(({ metric, verdict, because, tested }) => ({ metric, verdict, because, tested }));
}

/** The conclusion on each dataset by itself. */
export function datasetRows({ byDataset }: Evaluation): Row[] {
	return byDataset.map(({ dataset, barred, conclusion }) => ({
		dataset,
		verdict: conclusion.verdict,
		because: barred === undefined ? conclusion.because : `barred: ${barred}`,
	}));
}

/** The answer with each threshold moved. */
export function sensitivityRows({ sensitivity }: Evaluation): Row[] {
	return sensitivity.map(({ threshold, value, isDefault, verdict, byDataset }) => ({
		threshold,
		value: `${value}${isDefault ? " (default)" : ""}`,
		verdict,
		...byDataset,
	}));
}

/** Verdicts with and without the cells that a flag makes suspect, where they differ or where there are such cells. */
export function suspectRows({ studies, settings }: Evaluation): Row[] {
	const thresholds = valuesOf(settings.thresholds);
	const suspect = studies.filter(
		({ population, selection }) => population === undefined && selection === "with-suspect",
	);
	return suspect.flatMap((study) => {
		const clean = headlineStudies(studies).find(({ dataset }) => dataset === study.dataset);
		const cleanVerdicts = clean === undefined ? [] : verdictsOf(clean, "request", thresholds);
		return verdictsOf(study, "request", thresholds).map(({ metric, knob, verdict, correlation }) => {
			const other = cleanVerdicts.find((row) => row.metric === metric && row.knob === knob);
			return {
				dataset: study.dataset,
				knob,
				metric,
				"without suspect cells": other?.verdict,
				"rho without": other?.correlation,
				"with them": verdict,
				"rho with": correlation,
			};
		});
	});
}
