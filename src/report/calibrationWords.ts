import type { BenchmarkResult, CellsNeeded } from "../calibration/benchmark.js";
import type { PopulationMachine } from "../calibration/replay.js";
import type { CalibrationVisit } from "../measurement/calibratePlan.js";
import type { CalibrationReport } from "../measurement/calibrationFiles.js";

export const visitHeader =
	"cells  cell                             power       foreseen    interval  chance of another choice";

/** One line of the live table. */
export function visitLine({ k, cell, visit, power_w, foreseen_w, half_width, doubt }: CalibrationVisit): string {
	const name = `${cell.variant}, ${cell.allocation} cores, batch ${cell.batch}${visit > 1 ? ` (visit ${visit})` : ""}`;
	return [
		String(k).padStart(5),
		name.padEnd(31),
		watts(power_w).padEnd(10),
		(foreseen_w === undefined ? "-" : watts(foreseen_w)).padEnd(10),
		(half_width === undefined ? "-" : `+-${percent(half_width)}`).padEnd(8),
		percent(doubt),
	].join("  ");
}

/** What a calibration came to, in sentences and a table: report.md. */
export function calibrationMarkdown(report: CalibrationReport, visits: readonly CalibrationVisit[]): string {
	const { status, calibration, cells, measured, scenarios, margin, stop_below, doubt, hardware } = report;
	const verdict =
		status === "sure"
			? `The choice is sure: over ${scenarios} scenarios the mean chance that another cell is better by more than ${percent(margin)} was below ${percent(stop_below)} twice running.`
			: `The choice is undecided: over ${scenarios} scenarios the mean chance that another cell is better by more than ${percent(margin)} is ${percent(doubt)}, where ${percent(stop_below)} was asked.`;
	return [
		`# Calibration of plan ${report.plan}`,
		"",
		`${measured} of ${cells} cells measured on ${hardware}. ${verdict}`,
		"",
		`Energies of the other cells are _modelled_ by this calibration (${calibration}): good for a choice, and no evidence of how energy goes with the metrics that they were computed from.`,
		"",
		"```",
		visitHeader,
		...visits.map(visitLine),
		"```",
		"",
	].join("\n");
}

function watts(power: number): string {
	return `${Number(power.toPrecision(4))} W`;
}

function percent(share: number): string {
	return `${Math.round(1000 * share) / 10} %`;
}

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
