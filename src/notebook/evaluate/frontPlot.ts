import { admissible } from "../../evaluation/admissible.js";
import type { Evidence, EvidenceCell } from "../../evaluation/evidence.js";
import { fronts } from "../../evaluation/fronts.js";
import { energyOf } from "../../evaluation/metrics.js";
import type { Figure } from "../figure.js";
import { frontLines } from "../plots/frontLines.js";
import { cellText, energyKind, energyTitle, evidenceOf, metricTitle } from "./labels.js";

/** Latency and energy of a population's cells, by the Pareto front on which they stand without and with energy. */
export function frontPlot(
	evidence: readonly Evidence[],
	dataset: string,
	population: string,
	cost: "allocation" | "resource_seconds_per_request" = "allocation",
): Figure {
	const set = evidenceOf(evidence, dataset);
	const cells = admissible(set, "clean").cells.filter((cell) => cell.population === population);
	const { without, withEnergy, entered, axes } = fronts(cells, cost);
	const frontOf = (cell: EvidenceCell) =>
		without.includes(cell) ? "both" : withEnergy.includes(cell) ? "entered" : "none";
	return frontLines({
		title: `Pareto fronts without and with energy: ${entered} of ${cells.length} configurations enter`,
		caption: `${set.provenance.title}, ${population}. Axes without energy: ${axes.join(", ")}.`,
		kind: energyKind(cells),
		source: set.provenance.energy_method,
		x: metricTitle("latency_s"),
		y: energyTitle(cells),
		log: "both",
		points: cells.flatMap((cell) => {
			const [x, y] = [cell.latency_s, energyOf(cell, "request")];
			return x === undefined || y === undefined ? [] : [{ x, y, front: frontOf(cell), hover: cellText(cell) }];
		}),
	});
}
