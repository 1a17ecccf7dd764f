import { admissible } from "../../evaluation/admissible.js";
import type { Evidence } from "../../evaluation/evidence.js";
import { energyKind, evidenceOf, requestEnergy } from "../cells.js";
import type { Figure } from "../figure.js";
import { axis, houseLayout, palette } from "../plots/house.js";
import { logTicks } from "../plots/logAxis.js";

/**
 * A sweep over the batch, side by side: its energy per request, and the whole run's energy divided by the batch size,
 * as the earlier study divided it.
 *
 * @param requests requests of a whole run, whatever its batch
 */
export function bothNormalisations(
	evidence: readonly Evidence[],
	dataset: string,
	population: string,
	requests: number,
): Figure {
	const set = evidenceOf(evidence, dataset);
	const cells = admissible(set, "clean")
		.cells.filter((cell) => cell.population === population)
		.toSorted((a, b) => a.batch - b.batch);
	const x = cells.map(({ batch }) => batch);
	const perRequest = cells.map((cell) => requestEnergy(cell) as number);
	const perBatchSize = cells.map(({ batch }, i) => ((perRequest[i] as number) * requests) / batch);
	const batches = axis("batch (images)", logTicks(x));
	const look = { type: "scatter", mode: "lines+markers", x };
	return {
		data: [
			{ ...look, name: "run / images", y: perRequest, marker: { color: palette[0], size: 9 } },
			{
				...look,
				name: "run / batch size",
				y: perBatchSize,
				xaxis: "x2",
				yaxis: "y2",
				marker: { color: palette[3], size: 9, symbol: "square" },
			},
		],
		layout: houseLayout(
			{
				title: "The same runs under both normalisations",
				caption: `${set.provenance.title}, ${population}: the energy of a whole run of about ${requests} images, divided by its images (left) and, as published, by its batch size (right).`,
				kind: energyKind(cells),
				source: set.provenance.energy_method,
			},
			{
				showlegend: false,
				xaxis: { ...batches, domain: [0, 0.43] },
				xaxis2: { ...batches, domain: [0.57, 1], anchor: "y2" },
				yaxis: axis("energy per image (J)", { rangemode: "tozero" }),
				yaxis2: axis("energy of the run / batch size (J)", { ...logTicks(perBatchSize), anchor: "x2" }),
			},
		),
	};
}
