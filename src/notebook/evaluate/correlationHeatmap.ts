import type { Denominator } from "../../evaluation/metrics.js";
import { metrics } from "../../evaluation/metrics.js";
import type { Study } from "../../evaluation/study.js";
import type { Figure } from "../figure.js";
import { heatmap } from "../plots/heatmap.js";
import { headlineStudies, metricShort } from "./labels.js";

/** Spearman's correlation of energy with each metric while one knob varies, a row for each dataset and knob. */
export function correlationHeatmap(studies: readonly Study[], per: Denominator = "request"): Figure {
	const rows = headlineStudies(studies).flatMap((study) =>
		study.knobs.map((knob) => ({
			label: `${study.dataset}, ${knob === "all" ? "everything" : knob}${study.barred === undefined ? "" : " *"}`,
			values: metrics.map(({ name }) => {
				const row = study.couplings.find((other) => other.knob === knob && other.metric === name && other.per === per);
				return row?.coupling.status === "estimated" ? row.coupling.correlation : null;
			}),
		})),
	);
	return heatmap({
		title: `Correlation of energy per ${per} with IPA's metrics, by what varies`,
		caption:
			"Spearman within strata that agree on all other knobs; blank: the source lacks the metric, or it stands still. * barred from the verdict.",
		kind: "digitised",
		source: "measured and digitised energies, see the table of evidence",
		columns: metrics.map(({ name }) => metricShort[name]),
		rows: rows.map(({ label }) => label),
		values: rows.map(({ values }) => values),
	});
}
