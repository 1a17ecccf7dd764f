import type { BenchmarkResult, CellsNeeded } from "../calibration/benchmark.js";
import type { PopulationMachine } from "../calibration/replay.js";

/** A replay's results as a table: cells needed (median and 90th percentile over seeds; > is not reached), and the stop. */
export function replayText(
	{ dataset, population, cells }: PopulationMachine,
	results: readonly BenchmarkResult[],
): string {
	const needed = (value: CellsNeeded) => (value === "not-reached" ? ">" : String(value));
	const lines = results.map(({ method, cells_needed_95, cells_needed_all, stop }) =>
		[
			method.padEnd(22),
			`${needed(cells_needed_95.median)} (${needed(cells_needed_95.p90)})`.padEnd(12),
			`${needed(cells_needed_all.median)} (${needed(cells_needed_all.p90)})`.padEnd(12),
			stop.share_over_1pct === null
				? `undecided, ${percent(stop.undecided?.mean_regret ?? 0)} of the energy at stake`
				: `${needed(stop.k.median)} cells, ${percent(stop.share_over_1pct)} in error (${stop.stopped} of ${stop.seeds} seeds stopped)`,
		].join("  "),
	);
	const header = `${"method".padEnd(22)}  95 %          every one     stop`;
	return `${[`${dataset}, ${population}: ${cells.length} cells`, header, ...lines].join("\n")}\n\n`;
}

function percent(share: number): string {
	return `${Math.round(1000 * share) / 10} %`;
}
