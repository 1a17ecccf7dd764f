import { InputError } from "../../errors.js";
import type { Evidence, EvidenceCell } from "../../evaluation/evidence.js";
import { type MetricName, metrics } from "../../evaluation/metrics.js";
import type { Study } from "../../evaluation/study.js";
import { type Kind, weakestKind } from "../../units.js";

/** Axis title of a metric: label and unit. */
export function metricTitle(name: MetricName): string {
	const metric = metrics.find((other) => other.name === name);
	return metric === undefined ? name : `${metric.label} (${metric.unit})`;
}

/** Short column title of a metric. */
export const metricShort: Readonly<Record<MetricName, string>> = {
	latency_s: "latency",
	accuracy_pct: "accuracy",
	throughput_rps: "throughput",
	allocation: "cost:<br>allocation",
	resource_seconds_per_request: "cost: resource-<br>seconds",
};

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

/** The studies of whole datasets without suspect cells: those that the conclusion is drawn from. */
export function headlineStudies(studies: readonly Study[]): readonly Study[] {
	return studies.filter(({ population, selection }) => population === undefined && selection === "clean");
}

/** What a cell is, for a hover label. */
export function cellText({ variant, allocation, batch, knobs, hardware }: EvidenceCell): string {
	const more = Object.entries(knobs).map(([name, value]) => `, ${name} ${value}`);
	return `${variant}, allocation ${allocation}, batch ${batch}${more.join("")}<br>${hardware}`;
}
