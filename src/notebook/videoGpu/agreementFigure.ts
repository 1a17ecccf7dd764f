import { sweepTargets } from "../../measurement/gpuSweep/quality.js";
import type { VideoGpu } from "../../measurement/gpuSweep/readVideoGpu.js";
import type { Perhaps } from "../../measurement/records.js";
import type { Figure } from "../figure.js";
import { scatterByGroup } from "../plots/scatterByGroup.js";
import { measured } from "./measured.js";

/** How far integrated power is from the counter, cell by cell, against the cell's power. All cells, flagged ones too. */
export function agreementFigure(gpu: VideoGpu): Perhaps<Figure> {
	return measured(gpu, ({ evidence, summaries }) => {
		const points = summaries.flatMap(({ cell, counter, disagreement }) =>
			counter.status === "available" && disagreement.status === "available"
				? [
						{
							x: counter.value.power_w,
							y: 100 * disagreement.value,
							colour: kindOf(cell.variants),
							marker: cell.tenants === 1 ? cell.precision : `${cell.precision}, ${cell.tenants} tenants`,
							hover: cell.id,
						},
					]
				: [],
		);
		if (points.length === 0) return "no cell has both energies";
		return scatterByGroup({
			title: "Integrated power against the total-energy counter",
			caption: `${evidence.provenance.hardware}: ${points.length} cells over the same windows. Two outputs of one sensor chain: agreement checks sampling and arithmetic, not the sensor. Beyond ${100 * sweepTargets.disagreement} % a cell is suspect.`,
			kind: "measured",
			source: evidence.provenance.energy_method,
			x: "mean power by the counter (W)",
			y: "integrated / counter - 1 (%)",
			colourTitle: "work",
			markerTitle: "precision",
			points,
		});
	});
}

function kindOf(variants: readonly string[]): string {
	if (variants.length === 2) return "pipeline";
	return variants[0]?.startsWith("yolo") ? "detection" : "classification";
}
