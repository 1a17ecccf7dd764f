import type { Evidence, EvidenceCell } from "../evaluation/evidence.js";
import { admissible } from "../evaluation/population.js";
import { groupBy } from "../group.js";
import { cellName } from "../measurement/planCells.js";
import { qualityTargets } from "../measurement/quality.js";
import type { VideoGpu } from "../measurement/readVideoGpu.js";
import type { Perhaps } from "../outcome.js";
import { imageEnergy, measured, sharedCells } from "../studies/videoGpu.js";
import {
	type CellMetric,
	cellText,
	energyKind,
	energyTitle,
	metricOf,
	metricTitle,
	requestEnergy,
} from "./cellMetrics.js";
import type { Figure } from "./house.js";
import { lines } from "./lines.js";
import { scatterByGroup } from "./scatter.js";

type Task = "detection" | "classification";

/** Figures of one stage, alone on the GPU. */
export interface GpuStageFigures {
	/** Energy of an image in fp32 over that in fp16. */
	readonly precision: Perhaps<Figure>;
	/** Energy of an image against a metric, fp16. */
	readonly byMetric: Readonly<Record<"latency_s" | "resource_seconds_per_request" | "accuracy_pct", Perhaps<Figure>>>;
}

/** Figures of the sweep of a GPU, each with a reason in its place where there is none. */
export interface VideoGpuFigures {
	/** Integrated power against the total-energy counter. */
	readonly agreement: Perhaps<Figure>;
	readonly tenants: Perhaps<Figure>;
	readonly detection: GpuStageFigures;
	readonly classification: GpuStageFigures;
}

/**
 * The Video pipeline on a GPU in figures.
 *
 * @example
 * const none = await measurement.readVideoGpu("nowhere");
 * figures.videoGpu(none).tenants; // → { status: "unavailable", reason: "not measured yet" }
 */
export function videoGpuFigures(gpu: VideoGpu): VideoGpuFigures {
	const stage = (task: Task): GpuStageFigures => {
		const against = (metric: CellMetric) => gpuEnergy(gpu, task, metric);
		return {
			precision: gpuPrecision(gpu, task),
			byMetric: {
				latency_s: against("latency_s"),
				resource_seconds_per_request: against("resource_seconds_per_request"),
				accuracy_pct: against("accuracy_pct"),
			},
		};
	};
	return {
		agreement: gpuAgreement(gpu),
		tenants: gpuTenants(gpu),
		detection: stage("detection"),
		classification: stage("classification"),
	};
}

/** Cells of one stage by itself, alone on the GPU, without the suspect ones, by batch. */
function aloneCells(evidence: Evidence, task: Task): readonly EvidenceCell[] {
	return admissible(evidence, "clean")
		.cells.filter(({ variant, knobs }) => taskOfVariant(variant) === task && knobs.tenants === 1)
		.toSorted((a, b) => a.batch - b.batch);
}

function taskOfVariant(variant: string): Task | "both" {
	if (variant.includes("+")) return "both";
	return variant.startsWith("yolo") ? "detection" : "classification";
}

/** How many times the energy of an image in fp16 one in fp32 takes, by variant and batch. */
function gpuPrecision(gpu: VideoGpu, task: Task): Perhaps<Figure> {
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

/** Energy of an image against a metric, one stage in fp16 alone on the GPU: variants by colour, batches by marker. */
function gpuEnergy(gpu: VideoGpu, task: Task, metric: CellMetric): Perhaps<Figure> {
	return measured(gpu, ({ evidence }) => {
		const cells = aloneCells(evidence, task).filter(({ knobs }) => knobs.precision === "fp16");
		const points = cells.flatMap((cell) => {
			const x = metricOf(cell, metric);
			const y = requestEnergy(cell);
			if (x === undefined || y === undefined) return [];
			return [{ x, y, colour: cell.variant, marker: String(cell.batch), hover: cellText(cell) }];
		});
		if (points.length === 0) return `no cell of ${task} in fp16 with an energy and without a flag`;
		return scatterByGroup({
			title: `${task === "detection" ? "Detection" : "Classification"}: energy of an image against ${metricTitle[metric]}`,
			caption: `${evidence.provenance.hardware}, fp16, alone on the GPU: ${points.length} cells without a flag.`,
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

/** How far integrated power is from the counter, cell by cell, against the cell's power. All cells, flagged ones too. */
function gpuAgreement(gpu: VideoGpu): Perhaps<Figure> {
	return measured(gpu, ({ evidence, summaries }) => {
		const points = summaries.flatMap(({ cell, energy }) =>
			energy.status === "available"
				? energy.value.beside.slice(0, 1).map(({ excess }) => ({
						x: energy.value.power_w,
						y: 100 * excess,
						colour: cell.stage?.includes("+") ? "pipeline" : (cell.stage ?? "one stage"),
						marker:
							cell.knobs.tenants === 1
								? `${cell.knobs.precision}`
								: `${cell.knobs.precision}, ${cell.knobs.tenants} tenants`,
						hover: cellName(cell),
					}))
				: [],
		);
		if (points.length === 0) return "no cell has both energies";
		return scatterByGroup({
			title: "Integrated power against the total-energy counter",
			caption: `${evidence.provenance.hardware}: ${points.length} cells over the same windows. Two outputs of one sensor chain: agreement checks sampling and arithmetic, not the sensor. Beyond ${100 * qualityTargets.disagreement} % a cell is suspect.`,
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

/** Energy of an image by tenants, as a share of that with one. */
function gpuTenants(gpu: VideoGpu): Perhaps<Figure> {
	return measured(gpu, ({ evidence, summaries }) => {
		const drawn = sharedCells(summaries).flatMap(({ own, alone }) => {
			const base = imageEnergy(alone);
			const points = own.flatMap((summary) => {
				const energy = imageEnergy(summary);
				return energy === undefined || base === undefined
					? []
					: [{ x: Number(summary.cell.knobs.tenants), y: energy / base }];
			});
			const { variant, batch } = alone.cell;
			return points.length < 2
				? []
				: [{ name: `${variant}, batch ${batch}`, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }];
		});
		if (drawn.length === 0) return "no cell has an energy alone and shared";
		return lines({
			title: "Energy of an image when processes share the GPU",
			caption: `${evidence.provenance.hardware}, fp16: of the whole GPU by the images of all tenants, as a share of that of one process. Below 1, sharing saves.`,
			kind: "measured",
			source: "the GPU's total-energy counter, gross",
			x: "tenants",
			y: "energy of an image / alone",
			lines: drawn,
			points: true,
		});
	});
}
