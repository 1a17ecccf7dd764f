import type { EvidenceCell } from "./evidence.js";

/** Energy per what: the denominator can flip a sign, so it is always named. */
export type Denominator = "request" | "batch";

export const denominators: readonly Denominator[] = ["request", "batch"];

/** A metric that IPA has, or a reading of its cost. */
export interface Metric {
	readonly name: MetricName;
	readonly label: string;
	readonly unit: string;
	/** 1: a cell that does better on energy is expected to have a lower value; -1: a higher one. */
	readonly energyRisesWith: 1 | -1;
	/** False for a reading computed from other metrics of the list, which adds no column to a joint regression. */
	readonly independent: boolean;
}

export type MetricName =
	| "latency_s"
	| "accuracy_pct"
	| "throughput_rps"
	| "allocation"
	| "resource_seconds_per_request";

/**
 * What energy is compared with. `allocation` is IPA's own cost (allocated cores, or GPUs); `resource_seconds_per_request`
 * is the other reading of cost, allocation x replicas / throughput: core-seconds or GPU-seconds.
 */
export const metrics: readonly Metric[] = [
	{ name: "latency_s", label: "latency of a batch", unit: "s", energyRisesWith: 1, independent: true },
	{ name: "accuracy_pct", label: "accuracy", unit: "%", energyRisesWith: 1, independent: true },
	{ name: "throughput_rps", label: "throughput", unit: "1/s", energyRisesWith: -1, independent: true },
	{ name: "allocation", label: "cost: allocated cores or GPUs", unit: "count", energyRisesWith: 1, independent: true },
	{
		name: "resource_seconds_per_request",
		label: "cost: core- or GPU-seconds per request",
		unit: "s",
		energyRisesWith: 1,
		independent: false,
	},
];

/** Value of a metric in a cell, in the metric's unit; undefined where the source does not give it. */
export function metricOf(cell: EvidenceCell, metric: MetricName): number | undefined {
	switch (metric) {
		case "latency_s":
			return cell.latency_s;
		case "accuracy_pct":
			return cell.accuracy_pct;
		case "throughput_rps":
			return cell.throughput_rps;
		case "allocation":
			return cell.allocation * cell.replicas;
		case "resource_seconds_per_request":
			return cell.throughput_rps === undefined ? undefined : (cell.allocation * cell.replicas) / cell.throughput_rps;
	}
}

/** Energy of a cell, J per the named denominator; undefined where it is unavailable. */
export function energyOf(cell: EvidenceCell, per: Denominator): number | undefined {
	if (cell.energy.status === "unavailable") return undefined;
	return per === "request" ? cell.energy.energy_j_per_request : cell.energy.energy_j_per_batch;
}
