import { InputError } from "../../errors.js";
import { admissible } from "../../evaluation/admissible.js";
import type { Evidence } from "../../evaluation/evidence.js";
import type { MetricName } from "../../evaluation/metrics.js";
import { partialResiduals } from "../../evaluation/partialResiduals.js";
import type { Figure } from "../figure.js";
import { scatterByGroup } from "../plots/scatterByGroup.js";
import { cellText, energyKind, evidenceOf, metricTitle } from "./labels.js";

/**
 * What a metric tells of energy once the other metrics are held.
 * @throws InputError where the dataset cannot tell the metric from the others.
 */
export function partialResidualPlot(evidence: readonly Evidence[], dataset: string, metric: MetricName): Figure {
	const set = evidenceOf(evidence, dataset);
	const cells = admissible(set, "clean").cells;
	const partial = partialResiduals(cells, metric);
	if (partial.status === "undefined")
		throw new InputError({
			file: dataset,
			field: metric,
			rule: `must allow a fit beside the others: ${partial.detail}`,
		});
	const { slope } = partial;
	const figure = scatterByGroup({
		title: `What ${metricTitle(metric)} tells of energy when the other metrics are held`,
		caption: `${set.provenance.title}. Component plus residual of log energy per request, the source's other metrics held. Elasticity ${slope.toFixed(2)}; no verdict rests on it.`,
		kind: energyKind(cells),
		source: set.provenance.energy_method,
		x: `log of ${metricTitle(metric)}, less its population's mean`,
		y: "partial residual of log energy (no unit)",
		colourTitle: "variant",
		markerTitle: "batch",
		points: partial.points
			.map(({ cell, x, residual }) => ({
				x,
				y: residual,
				colour: cell.variant,
				marker: String(cell.batch),
				hover: cellText(cell),
			}))
			.sort((a, b) => Number(a.marker) - Number(b.marker)),
	});
	const ends = [Math.min(...partial.points.map(({ x }) => x)), Math.max(...partial.points.map(({ x }) => x))];
	const fit = {
		type: "scatter",
		mode: "lines",
		name: "fit",
		x: ends,
		y: ends.map((x) => slope * x),
		line: { color: "#444444", dash: "dash", width: 1.5 },
	};
	return { data: [...figure.data, fit], layout: figure.layout };
}
