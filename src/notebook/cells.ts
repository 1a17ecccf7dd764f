import { InputError } from "../errors.js";
import type { Evidence, EvidenceCell } from "../evaluation/evidence.js";
import { type Kind, weakestKind } from "../units.js";

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
