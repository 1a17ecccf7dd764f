import type { VideoGpu } from "../../measurement/gpuSweep/readVideoGpu.js";
import type { Perhaps } from "../../measurement/records.js";
import { type CellMetric, cellText, energyKind, energyTitle, metricOf, metricTitle, requestEnergy } from "../cells.js";
import type { Figure } from "../figure.js";
import { scatterByGroup } from "../plots/scatterByGroup.js";
import { aloneCells, type Task } from "./aloneCells.js";
import { measured } from "./measured.js";

/** Which stage, in which precision, against which metric. */
export interface EnergyView {
	readonly task: Task;
	readonly precision: "fp32" | "fp16";
	readonly metric: CellMetric;
}

/** Energy of an image against a metric, one stage alone on the GPU: variants by colour, batches by marker. */
export function energyFigure(gpu: VideoGpu, { task, precision, metric }: EnergyView): Perhaps<Figure> {
	return measured(gpu, ({ evidence }) => {
		const cells = aloneCells(evidence, task).filter(({ knobs }) => knobs.precision === precision);
		const points = cells.flatMap((cell) => {
			const x = metricOf(cell, metric);
			const y = requestEnergy(cell);
			if (x === undefined || y === undefined) return [];
			return [{ x, y, colour: cell.variant, marker: String(cell.batch), hover: cellText(cell) }];
		});
		if (points.length === 0) return `no cell of ${task} in ${precision} with an energy and without a flag`;
		return scatterByGroup({
			title: `${task === "detection" ? "Detection" : "Classification"}: energy of an image against ${metricTitle[metric]}`,
			caption: `${evidence.provenance.hardware}, ${precision}, alone on the GPU: ${points.length} cells without a flag.`,
			kind: energyKind(cells),
			source: "the GPU's total-energy counter, gross",
			x: metricTitle[metric],
			y: energyTitle(cells),
			colourTitle: "variant",
			markerTitle: "batch",
			points,
			// Accuracies lie close together; the others are spread over orders of magnitude.
			log: metric === "accuracy_pct" ? "y" : "both",
		});
	});
}
