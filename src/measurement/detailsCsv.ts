import { csvField } from "../datasets/csvField.js";
import { type EnergyCoefficients, modelledEnergy } from "./modelEnergy.js";
import type { Perhaps } from "./records.js";
import type { CellSummary } from "./summary.js";

const detailColumns = [
	"hardware",
	"variant",
	"cores",
	"batch",
	"repetitions",
	"dropped",
	"latency_s",
	"latency_p99_s",
	"latency_relative_interval",
	"throughput_rps",
	"cpu_s_per_batch",
	"energy_probe",
	"energy_covers",
	"energy_gross_j_per_batch",
	"energy_idle_subtracted_j_per_batch",
	"idle_power_w",
	"energy_modelled_j_per_batch",
] as const;

/**
 * What the cell table has no columns for, a row a cell: CPU time, percentiles, idle-subtracted and modelled energy.
 * "unavailable" with the reason where there is no number.
 */
export function detailsCsv(summaries: readonly CellSummary[], model: EnergyCoefficients | undefined): string {
	const lines = summaries.map((summary) => {
		const { cell, energy } = summary;
		const measured = energy.status === "available" ? energy.value : undefined;
		const values: Record<(typeof detailColumns)[number], string | number> = {
			hardware: summary.hardware,
			variant: cell.variant,
			cores: cell.cores,
			batch: cell.batch,
			repetitions: summary.repetitions,
			dropped: summary.dropped,
			latency_s: summary.latency_s,
			latency_p99_s: summary.latency_p99_s,
			latency_relative_interval: summary.latency_relative_interval,
			throughput_rps: summary.throughput_rps,
			cpu_s_per_batch: shown(summary.cpu_s_per_batch),
			energy_probe: measured?.probe ?? "unavailable",
			energy_covers: measured?.covers.join(" ") ?? "unavailable",
			energy_gross_j_per_batch: measured?.gross_j ?? "unavailable",
			energy_idle_subtracted_j_per_batch: measured === undefined ? "unavailable" : shown(measured.idle_subtracted_j),
			idle_power_w: measured === undefined ? "unavailable" : shown(measured.idle_power_w),
			energy_modelled_j_per_batch: (model === undefined ? undefined : modelledEnergy(summary, model)) ?? "unavailable",
		};
		return detailColumns.map((column) => csvField(values[column])).join(",");
	});
	return `${[detailColumns.join(","), ...lines].join("\n")}\n`;
}

function shown(entry: Perhaps<number>): number | string {
	return entry.status === "available" ? entry.value : `unavailable: ${entry.reason}`;
}
