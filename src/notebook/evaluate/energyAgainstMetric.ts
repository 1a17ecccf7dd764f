import { admissible } from "../../evaluation/admissible.js";
import type { Evidence } from "../../evaluation/evidence.js";
import { type Denominator, energyOf, type MetricName, metricOf } from "../../evaluation/metrics.js";
import type { Figure } from "../figure.js";
import { scatterByGroup } from "../plots/scatterByGroup.js";
import { cellText, energyKind, energyTitle, evidenceOf, metricTitle } from "./labels.js";

/** What energy is set against, in which dataset. */
export interface EnergyAgainst {
	readonly dataset: string;
	readonly metric: MetricName;
	/** One population of the dataset; all by default. */
	readonly population?: string;
	/** Energy per request by default. */
	readonly per?: Denominator;
	/** Linear axes, for a metric that is not spread over orders of magnitude; logarithmic by default. */
	readonly linear?: boolean;
}

/** Energy against one metric, variants told by colour, batches by marker; without faulty and suspect cells. */
export function energyAgainstMetric(evidence: readonly Evidence[], spec: EnergyAgainst): Figure {
	const { dataset, metric, population, per = "request", linear = false } = spec;
	const set = evidenceOf(evidence, dataset);
	const cells = admissible(set, "clean").cells.filter(
		(cell) => population === undefined || cell.population === population,
	);
	const points = cells.flatMap((cell) => {
		const x = metricOf(cell, metric);
		const y = energyOf(cell, per);
		if (x === undefined || y === undefined) return [];
		return [{ x, y, colour: cell.variant, marker: String(cell.batch), hover: cellText(cell) }];
	});
	points.sort((a, b) => Number(a.marker) - Number(b.marker));
	return scatterByGroup({
		title: `Energy per ${per} against ${metricTitle(metric)}`,
		caption: `${set.provenance.title}${population === undefined ? "" : `, ${population}`}: ${points.length} cells.`,
		kind: energyKind(cells),
		source: set.provenance.energy_method,
		x: metricTitle(metric),
		y: per === "request" ? energyTitle(cells) : "energy (J per batch)",
		colourTitle: "variant",
		markerTitle: "batch",
		points,
		...(linear ? {} : { log: "both" as const }),
	});
}
