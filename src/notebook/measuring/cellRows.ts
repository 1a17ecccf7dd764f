import type { Plan } from "../../measurement/plan.js";
import type { JournalRecord, Perhaps } from "../../measurement/records.js";
import { type CellSummary, summarise } from "../../measurement/summary.js";

/** Rows for a table: what the repetitions of each cell came to. Measured, but for energies of a probe that models them. */
export function cellRows(plan: Plan, records: readonly JournalRecord[]): Record<string, string | number>[] {
	return summarise(plan, [records]).map(
		({ cell, repetitions, latency_s, latency_p99_s, latency_relative_interval, throughput_rps, ...rest }) => ({
			variant: cell.variant,
			cores: cell.cores,
			batch: cell.batch,
			repetitions,
			"latency (ms)": Number((1000 * latency_s).toPrecision(4)),
			"± (%)": Number((100 * latency_relative_interval).toFixed(2)),
			"p99 (ms)": Number((1000 * latency_p99_s).toPrecision(4)),
			"throughput (1/s)": Number(throughput_rps.toPrecision(4)),
			"CPU time a batch (s)": shown(rest.cpu_s_per_batch, (value) => value),
			"energy a batch (J, gross)": shown(rest.energy, ({ gross_j }) => gross_j),
			"less idle (J)": lessIdle(rest.energy),
			kind: rest.energy.status === "available" ? rest.energy.value.kind : "measured",
		}),
	);
}

function lessIdle(energy: CellSummary["energy"]): string | number {
	return energy.status === "available" ? shown(energy.value.idle_subtracted_j, (value) => value) : "unavailable";
}

function shown<T>(entry: Perhaps<T>, of: (value: T) => number): string | number {
	return entry.status === "available" ? Number(of(entry.value).toPrecision(4)) : `unavailable: ${entry.reason}`;
}
