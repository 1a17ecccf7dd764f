import type { EvidenceCell } from "./evidence.js";
import { type Denominator, energyOf, type MetricName, metricOf } from "./metrics.js";
import { type Knob, strataOf } from "./strata.js";

/** Logs of energy and metrics as deviations from their stratum's mean, one row a cell: what regressions run on. */
export interface Deviations {
	/** Metrics that every row has and that vary. */
	readonly metrics: readonly MetricName[];
	/** [metric][row] */
	readonly x: readonly (readonly number[])[];
	/** [row] */
	readonly y: readonly number[];
	/** [row] */
	readonly cells: readonly EvidenceCell[];
}

/**
 * Deviations of log energy and of the logs of the metrics within the strata of a knob. Metrics that the source does not
 * give, or that do not vary, are left out; cells that lack a metric which others have are left out too.
 */
export function deviations(
	cells: readonly EvidenceCell[],
	knob: Knob,
	names: readonly MetricName[],
	per: Denominator,
): Deviations {
	const present = names.filter((name) => cells.some((cell) => metricOf(cell, name) !== undefined));
	const known = cells.filter((cell) => present.every((name) => (metricOf(cell, name) ?? 0) > 0));
	const groups = strataOf(known, knob).map(({ members }) => members.map((i) => known[i] as EvidenceCell));
	const columns = present.map((name) => groups.flatMap((group) => centredLogs(group, (cell) => metricOf(cell, name))));
	const varying = present.flatMap((_, k) =>
		(columns[k] as number[]).some((value) => Math.abs(value) > 1e-12) ? [k] : [],
	);
	return {
		metrics: varying.map((k) => present[k] as MetricName),
		x: varying.map((k) => columns[k] as number[]),
		y: groups.flatMap((group) => centredLogs(group, (cell) => energyOf(cell, per))),
		cells: groups.flat(),
	};
}

function centredLogs(group: readonly EvidenceCell[], read: (cell: EvidenceCell) => number | undefined): number[] {
	const logs = group.map((cell) => Math.log(read(cell) as number));
	const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
	return logs.map((value) => value - mean);
}
