import { join } from "node:path";
import { drawScenarios, type ScenarioOptions } from "../calibration/belief.js";
import {
	type Calibration,
	type CalibrationSettings,
	calibrationDefaults,
	isSure,
	nextCells,
	startCalibration,
	withMeasurement,
} from "../calibration/calibration.js";
import type { CalibrationCell } from "../calibration/cells.js";
import { medianHalfWidth } from "../calibration/energies.js";
import { InputError } from "../errors.js";
import { seeded } from "../random.js";
import { measurePlan } from "./measurePlan.js";
import type { Meters } from "./meters.js";
import type { Plan } from "./plan.js";
import { type PlanCell, planCells } from "./planCells.js";
import type { Progress } from "./progress.js";
import { type CellEnergyMeasured, summarise } from "./summary.js";

/** One visit to a cell: what it came to, and what was thought before. */
export interface CalibrationVisit {
	/** Measured cells, this one included. */
	readonly k: number;
	readonly cell: CalibrationCell;
	/** Visits to this cell, this one included. */
	readonly visit: number;
	readonly power_w: number;
	/** Standard error of the power over all its repetitions, as a share of it. */
	readonly relative_se: number;
	/** Power that was foreseen, W; undefined before the first. */
	readonly foreseen_w: number | undefined;
	/** Mean chance, over the scenarios, that another cell is better by more than the margin. */
	readonly doubt: number;
	/** Median half width of the intervals of the cells left, as a share of the power; undefined where none is left. */
	readonly half_width: number | undefined;
	readonly idle_power_w: number | undefined;
}

/** What a calibration of a plan is made with. */
export interface CalibratePlanOptions {
	/** Where each cell's journal is kept: given again, what is there is not measured again. */
	readonly folder: string;
	/** The plan's, from which the paths of its files are taken; default: where the program runs. */
	readonly planFolder?: string;
	readonly meters: Meters;
	readonly scenarios?: ScenarioOptions;
	readonly settings?: Partial<CalibrationSettings>;
	/** Cells chosen at a time, for nodes that measure side by side. */
	readonly batch?: number;
	/** Cells to measure at most, sure or not; all by default. */
	readonly atMost?: number;
	readonly signal?: AbortSignal;
	readonly report?: (progress: Progress) => void;
	readonly visited?: (visit: CalibrationVisit) => void;
}

/** `sure`: the choice is. `undecided`: the cells allowed ran out before. `stopped`: by the signal; the same call goes on. */
export interface PlanCalibration {
	readonly status: "sure" | "undecided" | "stopped";
	readonly calibration: Calibration;
	readonly visits: readonly CalibrationVisit[];
	readonly hardware: string;
}

/** The most visits to one cell: after them its noise is taken as it is. */
const mostVisits = 4;

/**
 * Measures a plan's cells one after another, each the one that most reduces the doubt about the choice, until the choice
 * is sure. Every cell has the plan's own repetitions, controls and idle baselines, and a journal of its own; with the
 * same plan and folder the same cells follow one another, so that a run that was stopped goes on.
 *
 * @param known latency, throughput and accuracy of the plan's cells, in the order of `planCells`
 * @throws InputError where no energy source can be read, or a cell's energy is unavailable
 */
export async function calibratePlan(
	plan: Plan,
	known: readonly CalibrationCell[],
	options: CalibratePlanOptions,
): Promise<PlanCalibration> {
	const { folder, meters, scenarios: drawn = {}, settings = {}, batch = 1, atMost = known.length } = options;
	const { signal = new AbortController().signal, visited = () => undefined } = options;
	if (meters.available.length === 0)
		throw new InputError({
			file: plan.name,
			field: "probes",
			rule: `must have an energy source to calibrate by; none can be read: ${meters.unavailable.map(({ probe, reason }) => `${probe} (${reason})`).join("; ")}`,
		});
	const random = seeded(plan.seed);
	const scenarios = drawScenarios(known, random, drawn);
	if (scenarios.length === 0) throw new InputError({ file: plan.name, rule: "must have two cells to choose between" });
	let calibration = startCalibration(known, scenarios, random, { ...calibrationDefaults, ...settings });
	const visits: CalibrationVisit[] = [];
	let hardware = "unknown";
	const cells = planCells(plan);
	const outcome = (status: PlanCalibration["status"]): PlanCalibration => ({ status, calibration, visits, hardware });
	while (!isSure(calibration)) {
		const next = nextCells(calibration, random, batch).filter((cell) => visitsOf(visits, known[cell]) < mostVisits);
		const fresh = next.filter((cell) => calibration.belief.measured[cell] === 0);
		const room = atMost - new Set(visits.map(({ cell }) => cell)).size;
		if (next.length === 0 || (fresh.length > 0 && room <= 0)) return outcome("undecided");
		for (const position of next) {
			const cell = known[position] as CalibrationCell;
			const visit = visitsOf(visits, cell) + 1;
			const measured = await measureCell(
				plan,
				cells[position] as PlanCell,
				visit,
				join(folder, "cells", String(position), String(visit)),
				options,
			);
			if (measured === "stopped" || signal.aborted) return outcome("stopped");
			hardware = measured.hardware;
			const own = visits.filter((other) => other.cell === cell);
			const now = pooled([...own, powerOf(measured.energy, cell)]);
			const foreseen_w = visits.length === 0 ? undefined : Math.exp(calibration.belief.mean[position] as number);
			calibration = withMeasurement(calibration, { cell: position, ...now }, random);
			const { idle_power_w: idle } = measured.energy;
			const said: CalibrationVisit = {
				k: calibration.posterior.measured.length,
				cell,
				visit,
				...powerOf(measured.energy, cell),
				foreseen_w,
				doubt: calibration.doubt,
				half_width: medianHalfWidth(calibration),
				idle_power_w: idle.status === "available" ? idle.value : undefined,
			};
			visits.push(said);
			visited(said);
		}
	}
	return outcome("sure");
}

function visitsOf(visits: readonly CalibrationVisit[], cell: CalibrationCell | undefined): number {
	return visits.filter((visit) => visit.cell === cell).length;
}

/** One cell by the plan's own rules, in a journal of its own. */
async function measureCell(
	plan: Plan,
	cell: PlanCell,
	visit: number,
	folder: string,
	{ meters, planFolder, signal, report }: CalibratePlanOptions,
) {
	const { knobs } = cell;
	const variants = plan.variants
		.filter(({ name }) => name === cell.variant)
		.slice(0, 1)
		.map(({ knobs: _, ...variant }) => ({
			...variant,
			batches: [cell.batch],
			cores: [cell.cores],
			...(Object.keys(knobs).length === 0
				? {}
				: { knobs: Object.fromEntries(Object.entries(knobs).map(([name, value]) => [name, [value]])) }),
		}));
	const own: Plan = { ...plan, variants, seed: plan.seed + visit - 1 };
	const run = {
		folder,
		meters,
		...(planFolder === undefined ? {} : { planFolder }),
		...(signal === undefined ? {} : { signal }),
		...(report === undefined ? {} : { report }),
	};
	const { status, records } = await measurePlan(own, run);
	if (status === "stopped") return "stopped";
	const [summary] = summarise(own, [records]);
	if (summary === undefined) throw new InputError({ file: folder, rule: "must hold a repetition of its cell" });
	if (summary.energy.status === "unavailable")
		throw new InputError({ file: folder, field: cell.id, rule: `must have an energy: ${summary.energy.reason}` });
	return { hardware: summary.hardware, energy: summary.energy.value };
}

/** Power that goes with the throughput that the cell is known to have, W: so that energy a request is as measured. */
function powerOf({ gross_j, gross_sd_j, repetitions }: CellEnergyMeasured, { batch, throughput_rps }: CalibrationCell) {
	return { power_w: (gross_j / batch) * throughput_rps, relative_se: gross_sd_j / gross_j / Math.sqrt(repetitions) };
}

/** Mean over visits of as many repetitions each, and its standard error. */
function pooled(visits: readonly { readonly power_w: number; readonly relative_se: number }[]) {
	const n = visits.length;
	const power_w = visits.reduce((sum, visit) => sum + visit.power_w / n, 0);
	const variance = visits.reduce((sum, visit) => sum + (visit.relative_se * visit.power_w) ** 2, 0) / n ** 2;
	return { power_w, relative_se: Math.sqrt(variance) / power_w };
}
