import { groupBy } from "../group.js";
import { admissible } from "./admissible.js";
import { type Conclusion, conclude } from "./conclusion.js";
import type { Evidence } from "./evidence.js";
import type { EvaluationSettings, Threshold, VerdictThresholds } from "./settings.js";
import { type Study, studiesOf } from "./study.js";
import type { Thresholds, Verdict } from "./verdict.js";

/** The whole study: the numbers, the answer, and how the answer depends on the thresholds. */
export interface Evaluation {
	readonly settings: EvaluationSettings;
	readonly studies: readonly Study[];
	readonly conclusion: Conclusion;
	readonly byDataset: readonly {
		readonly dataset: string;
		readonly barred?: string;
		readonly conclusion: Conclusion;
	}[];
	readonly sensitivity: readonly SensitivityRow[];
	/** Datasets of which no cell could be studied, and why: one that is left out is never left out silently. */
	readonly unstudied: readonly { readonly dataset: string; readonly because: string }[];
}

/** The answer with one threshold moved. */
export interface SensitivityRow {
	readonly threshold: keyof Thresholds;
	readonly value: number;
	readonly isDefault: boolean;
	readonly verdict: Verdict;
	readonly byDataset: Readonly<Record<string, Verdict>>;
}

/**
 * Answers whether energy adds information to IPA's metrics, from evidence alone.
 *
 * @param evidence datasets; modelled energies in them are left out and counted
 * @param settings thresholds, seed and scenarios, as data/evaluation.yaml holds them
 */
export function evaluate(evidence: readonly Evidence[], settings: EvaluationSettings): Evaluation {
	const studies = evidence.flatMap((set) => studiesOf(set, settings));
	const thresholds = valuesOf(settings.thresholds);
	const datasets = [...groupBy(studies, ({ dataset }) => dataset)];
	const sensitivity = (Object.keys(settings.sensitivity) as (keyof Thresholds)[]).flatMap((threshold) =>
		settings.sensitivity[threshold].map((value): SensitivityRow => {
			const moved = { ...thresholds, [threshold]: value };
			return {
				threshold,
				value,
				isDefault: value === thresholds[threshold],
				verdict: conclude(studies, moved, settings.level).verdict,
				byDataset: Object.fromEntries(
					datasets.map(([name, own]) => [name, conclude(own, moved, settings.level).verdict]),
				),
			};
		}),
	);
	return {
		settings,
		studies,
		conclusion: conclude(studies, thresholds, settings.level),
		byDataset: datasets.map(([dataset, own]) => {
			const reason = own[0]?.barred;
			return {
				dataset,
				...(reason === undefined ? {} : { barred: reason }),
				conclusion: conclude(own, thresholds, settings.level),
			};
		}),
		sensitivity,
		unstudied: evidence.flatMap((set) =>
			studies.some(({ dataset }) => dataset === set.dataset)
				? []
				: [{ dataset: set.dataset, because: whyUnstudied(set) }],
		),
	};
}

function whyUnstudied(set: Evidence): string {
	const { barred } = set.provenance;
	const reasons = Object.entries(admissible(set, "with-suspect").leftOut).map(
		([reason, cells]) => `${cells} ${cells === 1 ? "cell" : "cells"}: ${reason}`,
	);
	return [...(barred === undefined ? [] : [`barred: ${barred}`]), ...reasons].join("; ");
}

/** The thresholds without their reasons. */
export function valuesOf(thresholds: VerdictThresholds<Threshold>): Thresholds {
	return Object.fromEntries(
		Object.entries(thresholds).map(([name, { value }]) => [name, value]),
	) as unknown as Thresholds;
}
