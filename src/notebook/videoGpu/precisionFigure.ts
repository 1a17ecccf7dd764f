import { groupBy } from "../../group.js";
import type { VideoGpu } from "../../measurement/gpuSweep/readVideoGpu.js";
import type { Perhaps } from "../../measurement/records.js";
import { energyKind, requestEnergy } from "../cells.js";
import type { Figure } from "../figure.js";
import { lines } from "../plots/lines.js";
import { aloneCells, type Task } from "./aloneCells.js";
import { measured } from "./measured.js";

/** How many times the energy of an image in fp16 one in fp32 takes, by variant and batch. */
export function precisionFigure(gpu: VideoGpu, task: Task): Perhaps<Figure> {
	return measured(gpu, ({ evidence }) => {
		const cells = aloneCells(evidence, task);
		const ratios = [...groupBy(cells, ({ variant }) => variant)].flatMap(([name, own]) => {
			const points = own.flatMap((single) => {
				const half = own.find(({ batch, knobs }) => batch === single.batch && knobs.precision === "fp16");
				const below = half === undefined ? undefined : requestEnergy(half);
				const above = requestEnergy(single);
				return single.knobs.precision === "fp32" && above !== undefined && below !== undefined
					? [{ x: single.batch, y: above / below }]
					: [];
			});
			return points.length === 0 ? [] : [{ name, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }];
		});
		if (ratios.length === 0) return `no cell of ${task} with an energy in both precisions and without a flag`;
		return lines({
			title: `${task === "detection" ? "Detection" : "Classification"}: energy of an image, fp32 / fp16`,
			caption: `${evidence.provenance.hardware}, alone on the GPU; the published accuracy is the same for both.`,
			kind: energyKind(cells),
			source: "the GPU's total-energy counter, gross",
			x: "batch (images)",
			y: "energy in fp32 / energy in fp16",
			lines: ratios,
			log: "x",
			points: true,
		});
	});
}
