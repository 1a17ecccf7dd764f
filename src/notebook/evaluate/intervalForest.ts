import type { MetricName } from "../../evaluation/metrics.js";
import type { EvaluationSettings } from "../../evaluation/settings.js";
import type { Study } from "../../evaluation/study.js";
import type { Figure } from "../figure.js";
import type { ForestRow } from "../plots/forest.js";
import { forest } from "../plots/forest.js";
import { headlineStudies, metricShort } from "./labels.js";

/** Correlation of energy per request with chosen metrics, with intervals, a row for each dataset and knob. */
export function intervalForest(
	studies: readonly Study[],
	settings: EvaluationSettings,
	chosen: readonly MetricName[] = ["allocation", "resource_seconds_per_request"],
): Figure {
	const rows = headlineStudies(studies).flatMap((study) =>
		study.couplings.flatMap(({ knob, metric, per, coupling }): ForestRow[] => {
			if (per !== "request" || !chosen.includes(metric) || coupling.status !== "estimated") return [];
			const { correlation, interval } = coupling;
			return [
				{
					label: `${study.dataset}, ${knob === "all" ? "everything" : knob}${study.barred === undefined ? "" : " *"}`,
					group: metricShort[metric].replace("<br>", " ").replace("- ", "-"),
					estimate: correlation,
					...(interval.status === "ok" ? { interval: { low: interval.low, high: interval.high } } : {}),
				},
			];
		}),
	);
	const bar = settings.thresholds.coupled_correlation.value;
	return forest({
		title: "How tightly energy follows cost, with intervals",
		caption: `Spearman within strata, ${100 * settings.level} % percentile bootstrap over variants (${settings.resamples} resamples, seed ${settings.seed}). Hollow: too few variants for an interval. Dotted: ±${bar}, the bar of "coupled". * barred from the verdict.`,
		kind: "digitised",
		source: "measured and digitised energies, see the table of evidence",
		x: "rank correlation with energy per request (no unit)",
		rows,
		marks: [-bar, bar],
		range: [-1.08, 1.08],
	});
}
