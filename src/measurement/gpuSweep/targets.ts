import { percent } from "../repetitions.js";
import { type SweepQuality, sweepTargets } from "./quality.js";

/** What is asked of a sweep and what was found, for a table. */
export interface TargetRow {
	readonly asked: string;
	readonly found: string;
	readonly met: "yes" | "no" | "unavailable";
}

/** Each thing that is asked of a sweep, and whether it came out so. A figure that is unavailable is not met either. */
export function targetRows(quality: SweepQuality): readonly TargetRow[] {
	const { relative_interval, share_of_cells, control_drift, repetitions } = sweepTargets;
	const { narrowEnergy, controlEnergy } = quality;
	const drift = controlEnergy.status === "available" ? controlEnergy.value.drift : controlEnergy;
	return [
		row(
			`all ${quality.grid} cells with every repetition`,
			`${quality.complete} cells, ${quality.partial} in part`,
			quality.complete === quality.grid,
		),
		row(`at least ${repetitions} repetitions`, String(quality.asked), quality.asked >= repetitions),
		narrowEnergy.status === "unavailable"
			? { asked: intervalText(relative_interval, share_of_cells), found: narrowEnergy.reason, met: "unavailable" }
			: row(
					intervalText(relative_interval, share_of_cells),
					percent(narrowEnergy.value),
					narrowEnergy.value >= share_of_cells,
				),
		drift.status === "unavailable"
			? { asked: driftText(control_drift), found: drift.reason, met: "unavailable" }
			: row(driftText(control_drift), percent(drift.value), drift.value < control_drift),
	];
}

function row(asked: string, found: string, met: boolean): TargetRow {
	return { asked, found, met: met ? "yes" : "no" };
}

function intervalText(width: number, share: number): string {
	return `interval of the mean energy under ${percent(width)} in ${percent(share)} of the measured cells`;
}

function driftText(drift: number): string {
	return `control's energy drifts by under ${percent(drift)} between calls`;
}
