import type { LabelRow } from "../evaluation/evaluate.js";
import type { DeviceClass } from "../evaluation/evidence.js";
import type { MetricName } from "../evaluation/grid.js";
import type { OpenReason } from "../evaluation/label.js";
import type { Thresholds } from "../evaluation/settings.js";

export const deviceWords: Readonly<Record<DeviceClass, string>> = { cpu: "CPU", gpu: "GPU", board: "edge board" };

/** A metric by the name that people use for it on a device. */
export function metricWords(metric: MetricName, device: DeviceClass): string {
	if (metric === "core_seconds") return device === "gpu" ? "GPU-seconds" : "core-seconds";
	if (metric === "cost") return device === "gpu" ? "cost (GPUs)" : "cost (cores)";
	return metric;
}

/** A knob by the name that people use for it on a device. */
export function knobWords(knob: string, device: DeviceClass): string {
	if (knob === "allocation") return device === "gpu" ? "number of GPUs" : "cores";
	if (knob === "batch") return "batch size";
	if (knob === "power") return "power mode";
	return knob.replaceAll("_", " ");
}

/** A share as a percentage with two or three significant digits. */
export function percent(share: number): string {
	const value = 100 * share;
	return `${value >= 10 || value === 0 ? Math.round(value) : Number(value.toPrecision(2))} %`;
}

/** Why a label is what it is, in one sentence with its numbers. */
export function becauseOf(row: LabelRow, thresholds: Thresholds): string {
	const name = metricWords(row.metric, row.device);
	const found = row.ends.map(foundAt).join("; ");
	switch (row.label) {
		case "stands-in":
			return `${name} ${row.reversed ? "orders energy upside down" : "orders energy"}: misranks ${found} (${restsOn(row)})`;
		case "derivable":
			return row.by === "formula"
				? `${name} misranks ${found}, but power from ${row.formula[0]?.cells} calibration cells orders energy: misranks ${formulaFound(row)}`
				: `${name} misranks ${found}, but ${metricWords(row.by as MetricName, row.device)} stands in`;
		case "independent":
			return `${name} misranks ${found}, every other metric too, and power from ${row.formula[0]?.cells} calibration cells misranks ${formulaFound(row)} (${restsOn(row)})`;
		case "undetermined":
			return openBecause(row, thresholds, name, found);
	}
}

function openBecause(row: LabelRow, t: Thresholds, name: string, found: string): string {
	const end = openEnd(row);
	const reasons: Readonly<Record<OpenReason, () => string>> = {
		unknown: () => `no cell that varies this knob has ${name}`,
		"stands-still": () => `${name} stands still: ${percent(end?.tied ?? 1)} of the pairs tie`,
		"few-variants": () =>
			`${end?.variants ?? 0} ${end?.variants === 1 ? "variant has" : "variants have"} pairs that differ, ${t.minimum_variants} are needed; misranks ${found}`,
		noise: () =>
			`${percent(end?.outlasting ?? 0)} of the pairs differ by more than their error, ${percent(t.minimum_outlasting)} are needed`,
		interval: () => `misranks ${found}: the interval straddles ${percent(t.misranked_bound)}`,
		"machines-disagree": () => `misranks ${found}, but ${end?.contrary?.join(", ")} shows the contrary`,
		"idle-power": () => `misranks ${found}: idle power decides, and it was not measured`,
		"metrics-open": () => `${name} misranks ${found}; whether another metric stands in is open`,
		"formula-open": () =>
			`no metric stands in (${name} misranks ${found}); whether a formula does is open: it misranks ${formulaFound(row)}`,
	};
	return reasons[row.reason as OpenReason]();
}

/**
 * For an undetermined label: what is missing, as the smallest measurement that would decide; undefined for every other.
 *
 * @param rows the study's labels, for a label that hangs on another metric's
 */
export function nextOf(row: LabelRow, t: Thresholds, rows: readonly LabelRow[]): string | undefined {
	if (row.label !== "undetermined") return undefined;
	const end = openEnd(row);
	const knob = knobWords(row.knob, row.device);
	const name = metricWords(row.metric, row.device);
	const more = Math.max(1, t.minimum_variants - (end?.variants ?? 0));
	const over = row.knob === "variant" ? "" : ` over the ${knob}`;
	const machines = end?.machines ?? [];
	const where = machines.length === 0 || machines.length > 4 ? "each machine" : machines.join(", ");
	const reasons: Readonly<Record<OpenReason, () => string>> = {
		unknown: () =>
			`give ${name} for two settings of the ${knob} of ${t.minimum_variants} variants: no pair of cells has it on both sides`,
		"stands-still": () =>
			`measure two settings of the ${knob} at which ${name} differs, of ${t.minimum_variants} variants; where it is the same by nature it cannot stand in, and another metric has to`,
		"few-variants": () => `measure ${more} more ${more === 1 ? "variant" : "variants"}${over} on the same machine`,
		noise: () =>
			`run each cell several times (one that was run once counts as ${percent(t.error_unknown)} uncertain; four runs halve that, given as repetitions and energy_sd_j_per_request), or measure settings of the ${knob} that lie further apart`,
		interval: () => `measure more variants${over}${variantsNeeded(row, t)}`,
		"machines-disagree": () =>
			`measure ${t.minimum_variants} variants${over} on the machine that is to run the pipeline: machines differ in this (${end?.contrary?.join(", ")} against the others)`,
		"idle-power": () =>
			`measure idle_power_w of ${where} with the model loaded and no requests: it decides, and one measurement a machine is enough`,
		"metrics-open": () => {
			const open = rows.find(
				(other) =>
					(["device", "trajectory", "knob", "band", "accounting"] as const).every((key) => other[key] === row[key]) &&
					other.label === "undetermined" &&
					!["unknown", "stands-still", "metrics-open"].includes(other.reason ?? ""),
			);
			const then = open === undefined ? undefined : nextOf(open, t, []);
			return open === undefined || then === undefined
				? `measure more variants${over}: another metric is not decided`
				: `decide ${metricWords(open.metric, open.device)}, the metric that is open: ${then}`;
		},
		"formula-open": () =>
			row.formula[0]?.ends.some(({ misranked }) => misranked !== undefined) === true
				? `measure more variants${over}${variantsNeeded(row, t)}`
				: `measure ${row.formula[0]?.cells} cells of other models on the same machine, which the formula for power is fitted on`,
	};
	return reasons[row.reason as OpenReason]();
}

/** An interval shrinks with the root of the number of variants: about how many would take it to one side. */
function variantsNeeded(
	{ ends, reason, formula }: LabelRow,
	{ misranked_bound, minimum_variants }: Thresholds,
): string {
	const open = (reason === "formula-open" ? (formula[0]?.ends ?? []) : ends).filter(
		({ answer }) => answer === "undetermined",
	);
	const needed = open.map(({ misranked, variants }) => {
		if (misranked === undefined) return Number.POSITIVE_INFINITY;
		const gap = misranked.share - misranked_bound;
		const half = gap > 0 ? misranked.share - misranked.low : misranked.high - misranked.share;
		return Math.max(minimum_variants, variants * (half / Math.abs(gap)) ** 2);
	});
	const most = Math.ceil(Math.max(...needed));
	return most <= 1000
		? ` (about ${most} in all would do if the share stays)`
		: " (more than 1000, as the share lies at the bound itself: the choice matters little there, or the bound in data/evaluation.yaml has to be another)";
}

function openEnd(row: LabelRow): LabelRow["ends"][number] | undefined {
	return row.ends.find(({ answer }) => answer === "undetermined") ?? row.ends[0];
}

function foundAt({ misranked, idle_share }: LabelRow["ends"][number], _: number, all: LabelRow["ends"]): string {
	if (misranked === undefined) return "no pair that differs";
	const { share, low, high } = misranked;
	const text = `${percent(share)} (${percent(low)} to ${percent(high)})`;
	return all.length === 1 ? text : `${text} with idle power at ${percent(idle_share)} of the least power`;
}

function formulaFound({ formula }: LabelRow): string {
	const [first] = formula;
	const found = (first?.ends ?? []).map(({ misranked }) =>
		misranked === undefined
			? "no pair that differs"
			: `${percent(misranked.share)} (${percent(misranked.low)} to ${percent(misranked.high)})`,
	);
	const error = first?.log_power_error;
	return `${found.join(" and ")}${error === undefined ? "" : `, power off by ${percent(error.p50)} in the median and ${percent(error.p90)} at the 90th percentile`}`;
}

function restsOn({ ends }: LabelRow): string {
	const [first] = ends;
	const machines = first?.machines ?? [];
	const named = machines.length <= 4 ? `: ${machines.join(", ")}` : "";
	return `${first?.variants ?? 0} variants, ${machines.length} ${machines.length === 1 ? "machine" : "machines"}${named}`;
}
