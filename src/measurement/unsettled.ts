import { batchEnergy } from "./batchEnergy.js";
import type { Plan } from "./plan.js";
import type { JournalRecord } from "./records.js";
import { relativeHalfWidth, withinThreeSigma } from "./repetitions.js";

/**
 * Is the interval of a cell still wider than the plan's target, by its repetitions numbered below `before`? Both the
 * latency and, where there is one, the energy of a batch must be within it.
 */
export function unsettledCell(plan: Plan, records: readonly JournalRecord[], cell: string, before: number): boolean {
	const windows = records.flatMap((record) =>
		record.type === "repetition" && record.cell === cell && record.repetition < before ? [record.window] : [],
	);
	return (
		wide(windows.map(({ latency_mean_s }) => latency_mean_s)) ||
		wide(windows.flatMap((window) => batchEnergy(window) ?? []))
	);

	function wide(values: readonly number[]): boolean {
		// No energy at all is not an interval that more repetitions narrow.
		if (values.length === 0) return windows.length === 0;
		const { kept } = withinThreeSigma(values);
		return relativeHalfWidth(kept.map((i) => values[i] as number)) > plan.repetitions.target_relative_interval;
	}
}
