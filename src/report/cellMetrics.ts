import { InputError } from "../errors.js";
import type { Evidence, EvidenceCell } from "../evaluation/evidence.js";
import { admissible } from "../evaluation/population.js";
import { type Kind, weakestKind } from "../units.js";
import { axis, type Figure, houseLayout, logTicks, palette } from "./house.js";

/** A column of a cell that a figure can have on its axis. */
export type CellMetric =
	| "latency_s"
	| "accuracy_pct"
	| "throughput_rps"
	| "allocation"
	| "resource_seconds_per_request";

/** Axis title of a metric of a cell: label and unit. */
export const metricTitle: Readonly<Record<CellMetric, string>> = {
	latency_s: "latency of a batch (s)",
	accuracy_pct: "accuracy (%)",
	throughput_rps: "throughput (1/s)",
	allocation: "allocated cores or GPUs",
	resource_seconds_per_request: "core- or GPU-seconds per request",
};

/** Value of a metric in a cell, in its unit; undefined where the source does not give it. */
export function metricOf(cell: EvidenceCell, metric: CellMetric): number | undefined {
	const { allocation, replicas, throughput_rps } = cell;
	if (metric === "allocation") return allocation * replicas;
	if (metric === "resource_seconds_per_request")
		return throughput_rps === undefined ? undefined : (allocation * replicas) / throughput_rps;
	return cell[metric];
}

/** Energy of a cell, J a request; undefined where it is unavailable. */
export function requestEnergy({ energy }: EvidenceCell): number | undefined {
	return energy.status === "available" ? energy.energy_j_per_request : undefined;
}

/** Axis title of energy per request. */
export function energyTitle(cells: readonly EvidenceCell[]): string {
	const units = [...new Set(cells.map(({ request_unit }) => request_unit))];
	return `energy (J per ${units.join(" or ")})`;
}

/** The weakest kind among the energies of cells. */
export function energyKind(cells: readonly EvidenceCell[]): Kind {
	return weakestKind(cells.flatMap(({ energy }) => (energy.status === "available" ? [energy.kind] : [])));
}

/** The evidence of one dataset, by name. */
export function evidenceOf(evidence: readonly Evidence[], dataset: string): Evidence {
	const found = evidence.find((set) => set.dataset === dataset);
	if (found === undefined)
		throw new InputError({
			file: "evidence",
			field: "dataset",
			rule: `must be one of ${evidence.map((set) => set.dataset).join(", ")}`,
			value: dataset,
		});
	return found;
}

/** What a cell is, for a hover label. */
export function cellText({ variant, allocation, batch, knobs, hardware }: EvidenceCell): string {
	const more = Object.entries(knobs).map(([name, value]) => `, ${name} ${value}`);
	return `${variant}, allocation ${allocation}, batch ${batch}${more.join("")}<br>${hardware}`;
}

/**
 * A sweep over the batch, side by side: its energy per request, and the whole run's energy divided by the batch size,
 * as the earlier study divided it.
 *
 * @param requests requests of a whole run, whatever its batch
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * figures.bothNormalisations([edgetune], "edgetune", "server(eiger-1)", 1000).data.length; // → 2
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
