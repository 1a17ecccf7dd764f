import { admissible } from "../../evaluation/admissible.js";
import type { Evidence } from "../../evaluation/evidence.js";
import { energyOf } from "../../evaluation/metrics.js";
import type { Figure } from "../figure.js";
import { lines } from "../plots/lines.js";
import { energyKind, evidenceOf } from "./labels.js";

/**
 * A sweep over the batch with its energy per request, and with the whole run's energy divided by the batch size, as the
 * earlier study divided it: the two fall and rise oppositely.
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
	const perRequest = cells.map((cell) => energyOf(cell, "request") as number);
	return lines({
		title: "The same runs under both normalisations",
		caption: `${set.provenance.title}, ${population}. Dividing a whole run of ${requests} images by the batch size makes energy seem to fall with the batch; per image it rises.`,
		kind: energyKind(cells),
		source: set.provenance.energy_method,
		x: "batch (images)",
		y: "energy (J), logarithmic",
		log: "both",
		points: true,
		lines: [
			{ name: "per image: run / images", x, y: perRequest },
			{
				name: "as published: run / batch size",
				x,
				y: cells.map(({ batch }, i) => ((perRequest[i] as number) * requests) / batch),
			},
		],
	});
}
