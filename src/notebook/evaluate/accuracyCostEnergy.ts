import { admissible } from "../../evaluation/admissible.js";
import type { Evidence } from "../../evaluation/evidence.js";
import { energyOf, type MetricName, metricOf } from "../../evaluation/metrics.js";
import type { Figure } from "../figure.js";
import { scatter3d } from "../plots/scatter3d.js";
import { cellText, energyKind, energyTitle, evidenceOf, metricTitle } from "./labels.js";

/** Accuracy, cost and energy of a dataset's cells in three dimensions, populations told apart. */
export function accuracyCostEnergy(
	evidence: readonly Evidence[],
	dataset: string,
	cost: MetricName = "resource_seconds_per_request",
): Figure {
	const set = evidenceOf(evidence, dataset);
	const cells = admissible(set, "clean").cells;
	return scatter3d({
		title: "Accuracy, cost and energy",
		caption: `${set.provenance.title}.`,
		kind: energyKind(cells),
		source: set.provenance.energy_method,
		x: metricTitle("accuracy_pct"),
		y: metricTitle(cost),
		z: energyTitle(cells),
		log: ["y", "z"],
		points: cells.flatMap((cell) => {
			const [x, y, z] = [cell.accuracy_pct, metricOf(cell, cost), energyOf(cell, "request")];
			if (x === undefined || y === undefined || z === undefined) return [];
			return [{ x, y, z, group: cell.population, hover: cellText(cell) }];
		}),
	});
}
