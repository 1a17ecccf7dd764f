import { csvField } from "../../datasets/csv.js";
import type { Perhaps } from "../records.js";
import type { SweepSummary } from "./summary.js";

/** One line a cell: what the cell table has no columns for. A value that is missing says why. */
export function detailsCsv(summaries: readonly SweepSummary[]): string {
	const rows = summaries.map(detailsOf);
	const header = Object.keys(rows[0] ?? {});
	return `${[header, ...rows.map((row) => Object.values(row))].map((row) => row.map(csvField).join(",")).join("\n")}\n`;
}

function detailsOf(summary: SweepSummary): Record<string, string | number> {
	const { cell, counter, integrated, idle_subtracted } = summary;
	return {
		cell: cell.id,
		variant: cell.variants.join("+"),
		precision: cell.precision,
		batch: cell.batch,
		tenants: cell.tenants,
		repetitions: summary.repetitions,
		latency_mean_s: summary.latency_s,
		latency_p50_s: summary.latency_p50_s,
		latency_p99_s: summary.latency_p99_s,
		latency_relative_interval: summary.latency_relative_interval,
		latency_batches_least: summary.latency_batches,
		first_stage_s: summary.stages_s[0] ?? 0,
		second_stage_s: summary.stages_s[1] ?? "none",
		image_drawing_s: summary.draw_s,
		throughput_rps: summary.throughput_rps,
		gpu_s_per_image: 1 / summary.throughput_rps,
		energy_counter_j_per_image: shown(counter, (energy) => energy.energy_j_per_image),
		energy_counter_sd_j_per_image: shown(counter, (energy) => energy.sd_j_per_image),
		energy_counter_relative_interval: shown(counter, (energy) => energy.relative_interval),
		energy_counter_repetitions: shown(counter, (energy) => energy.repetitions),
		power_w: shown(counter, (energy) => energy.power_w),
		energy_integrated_j_per_image: shown(integrated, (energy) => energy.energy_j_per_image),
		energy_integrated_sd_j_per_image: shown(integrated, (energy) => energy.sd_j_per_image),
		integrated_over_counter_less_1: shown(summary.disagreement, (value) => value),
		energy_idle_subtracted_j_per_image: shown(idle_subtracted, (energy) => energy.energy_j_per_image),
		idle_subtracted_repetitions: shown(idle_subtracted, (energy) => energy.repetitions),
		temperature_c: shown(summary.temperature_c, (value) => value),
		sm_clock_mhz: shown(summary.sm_clock_mhz, (value) => value),
		memory_clock_mhz: shown(summary.memory_clock_mhz, (value) => value),
		utilisation_pct: shown(summary.utilisation_pct, (value) => value),
		clock_events: shown(summary.events, (names) => names.join("; ") || "none"),
		other_processes: shown(summary.other_processes, (value) => value),
		warm_ups_not_settled: summary.unsettled,
	};
}

function shown<T>(entry: Perhaps<T>, value: (known: T) => number | string): string | number {
	return entry.status === "available" ? value(entry.value) : `unavailable: ${entry.reason}`;
}
