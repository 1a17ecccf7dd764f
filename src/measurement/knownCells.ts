import type { CalibrationCell } from "../calibration/cells.js";
import { calibrationCell } from "../calibration/replay.js";
import { InputError } from "../errors.js";
import type { EvidenceCell } from "../evaluation/evidence.js";
import type { StageProfile } from "../pipeline/profile.js";
import type { Plan } from "./plan.js";
import { allocationOf, type PlanCell, planCells } from "./planCells.js";

/**
 * The plan's cells with the latencies, throughputs and accuracies that a profile's stage gives them.
 *
 * @throws InputError naming the cell that the stage lacks
 */
export function cellsOfStage(plan: Plan, file: string, { name, points }: StageProfile): readonly CalibrationCell[] {
	return planCells(plan).map((cell): CalibrationCell => {
		if (Object.keys(cell.knobs).length > 0)
			throw new InputError({
				file,
				rule: "must tell cells of other knobs apart, and a profile has none: give a table of cells (--latencies)",
				value: cell.id,
			});
		const point = points.find(
			({ variant, cores, batch }) => variant === cell.variant && cores === cell.cores && batch === cell.batch,
		);
		if (point === undefined) throw lacks(`${file}, stage ${name}`, cell);
		const { latency_s, throughput_rps, accuracy_pct } = point;
		return { ...base(plan, cell), latency_s, throughput_rps, accuracy_pct };
	});
}

/**
 * The same from a table of cells; a cell's own accuracy stands where the plan gives none.
 *
 * @throws InputError naming the cell that the table lacks, or has without a latency or twice
 */
export function cellsOfTable(plan: Plan, file: string, table: readonly EvidenceCell[]): readonly CalibrationCell[] {
	return planCells(plan).map((cell): CalibrationCell => {
		const rows = table.filter(
			(row) =>
				row.variant === cell.variant &&
				row.allocation === allocationOf(plan, cell) &&
				row.batch === cell.batch &&
				Object.entries(cell.knobs).every(([name, value]) => row.knobs[name] === value),
		);
		const [row] = rows;
		if (row?.latency_s === undefined) throw lacks(file, cell);
		if (rows.length > 1)
			throw new InputError({ file, rule: `must have the cell ${cell.id} once, not ${rows.length} times` });
		const { latency_s, throughput_rps, accuracy_pct = cell.accuracy_pct } = calibrationCell(row);
		return { ...base(plan, cell), latency_s, throughput_rps, ...(accuracy_pct === undefined ? {} : { accuracy_pct }) };
	});
}

function base(plan: Plan, cell: PlanCell) {
	const { id, variant, batch, knobs } = cell;
	return { id, variant, allocation: allocationOf(plan, cell), batch, knobs };
}

function lacks(file: string, { id }: PlanCell): InputError {
	return new InputError({ file, rule: "must have a latency for every cell of the plan", value: id });
}

/**
 * Cells with an earlier calibration's power as a feature: of the same variant, allocation, batch and knobs in its table. A
 * cell that the table lacks has none.
 *
 * @throws InputError where the table has the power of no cell
 */
export function withPrior(
	cells: readonly CalibrationCell[],
	file: string,
	table: readonly EvidenceCell[],
): readonly CalibrationCell[] {
	const powers = new Map(
		table.flatMap((row) => {
			if (row.energy.status === "unavailable" || (row.throughput_rps ?? row.latency_s) === undefined) return [];
			const known = calibrationCell(row);
			return [[keyOf(known), row.energy.energy_j_per_request * known.throughput_rps] as const];
		}),
	);
	const given = cells.map((cell) => {
		const prior_power_w = powers.get(keyOf(cell));
		return prior_power_w === undefined ? cell : { ...cell, prior_power_w };
	});
	if (given.every(({ prior_power_w }) => prior_power_w === undefined))
		throw new InputError({
			file,
			rule: "must have the energy of a cell that is calibrated (same variant, allocation, batch and knobs)",
		});
	return given;
}

function keyOf({ variant, allocation, batch, knobs }: CalibrationCell): string {
	return JSON.stringify([variant, allocation, batch, Object.entries(knobs).sort()]);
}
