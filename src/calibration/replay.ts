import { type Evidence, type EvidenceCell, populationOf } from "../evaluation/evidence.js";
import { groupBy } from "../group.js";
import { seeded } from "../random.js";
import { sortedQuantile } from "../statistics/quantile.js";
import { chosen, drawScenarios, type Scenario } from "./belief.js";
import {
	type Calibration,
	type CalibrationSettings,
	isSure,
	nextCells,
	startCalibration,
	withMeasurement,
} from "./calibration.js";
import { type CalibrationCell, timePerRequest } from "./cells.js";
import { contests } from "./doubt.js";

/** Cells whose powers are all known: a machine that can be asked again and again. */
export interface MeasuredMachine {
	readonly cells: readonly CalibrationCell[];
	/** Mean power of each, W. */
	readonly power_w: ArrayLike<number>;
}

/** What a replay knew after so many cells, held against the truth. Shares are from 0 to 1. */
export interface ReplayStep {
	/** Cells measured. */
	readonly k: number;
	/** Position of the cell measured last. */
	readonly cell: number;
	/** Of each scenario: what the choice costs beyond the true best, as a share of the best's energy. */
	readonly regrets: Float64Array;
	/** Root mean square error of log power, of the cells left; NaN where none is. */
	readonly error: number;
	/** Share of the powers that lie in their interval: of all cells left, NaN where none is. */
	readonly coverage: number;
	/** The same of the cells that can still be chosen. */
	readonly coverage_contending: number;
	/** Median half width of the intervals of the cells left, on the log scale. */
	readonly half_width: number;
	/** Mean chance, over the scenarios, that another cell is better by more than the margin. */
	readonly doubt: number;
	/** Whether the calibration would have stopped here or before. */
	readonly sure: boolean;
}

/** Runs a calibration on measured cells as if they were a machine, past its stop, up to `atMost` cells. The same seed gives the same. */
export function replay(
	{ cells, power_w }: MeasuredMachine,
	{
		seed,
		atMost,
		settings,
	}: { readonly seed: number; readonly atMost: number; readonly settings: CalibrationSettings },
): readonly ReplayStep[] {
	const random = seeded(seed);
	const truth_j = Float64Array.from(cells, (cell, i) => (power_w[i] as number) * timePerRequest(cell));
	const scenarios = drawScenarios(cells, seeded(scenarioSeed + seed), pricesOf(cells, truth_j));
	let calibration = startCalibration(cells, scenarios, random, settings);
	const steps: ReplayStep[] = [];
	while (steps.length < Math.min(atMost, cells.length)) {
		const [cell] = nextCells(calibration, random);
		if (cell === undefined) break;
		calibration = withMeasurement(calibration, { cell, power_w: power_w[cell] as number, relative_se: 0 }, random);
		const sure = (steps.at(-1)?.sure ?? false) || isSure(calibration);
		steps.push({
			k: steps.length + 1,
			cell,
			...heldAgainst(calibration, power_w, truth_j),
			doubt: calibration.doubt,
			sure,
		});
	}
	return steps;
}

/** Keeps the scenarios' seeds apart from the calibrations'. */
const scenarioSeed = 1000;

function heldAgainst(
	{ cells, scenarios, belief, intervals: { half } }: Calibration,
	power_w: ArrayLike<number>,
	truth_j: Float64Array,
) {
	const off = (i: number) => Math.log(power_w[i] as number) - (belief.mean[i] as number);
	const left = cells.flatMap((_, i) => (belief.measured[i] === 0 ? [i] : []));
	const open = contests(scenarios, belief).filter((contest) => contest.cells.length > 1);
	const contending = [...new Set(open.flatMap((contest) => [...contest.cells]))].filter(
		(i) => belief.measured[i] === 0,
	);
	const covered = (of: readonly number[]) =>
		of.filter((i) => Math.abs(off(i)) <= (half[i] as number)).length / of.length;
	return {
		regrets: Float64Array.from(scenarios, (scenario) => regretOf(scenario, belief.energy_j, truth_j)),
		error: Math.sqrt(left.reduce((sum, i) => sum + off(i) ** 2, 0) / left.length),
		coverage: covered(left),
		coverage_contending: covered(contending),
		half_width: left.length === 0 ? Number.NaN : median(left.map((i) => half[i] as number)),
	};
}

/** What the choice by some energies costs beyond the true best, J, as a share of the best's energy. */
export function regretOf(scenario: Scenario, energy_j: ArrayLike<number>, truth_j: ArrayLike<number>): number {
	const cost = (k: number) => (truth_j[scenario.cells[k] as number] as number) + (scenario.penalties_j[k] as number);
	const best = chosen(scenario, truth_j);
	return (cost(chosen(scenario, energy_j)) - cost(best)) / (truth_j[scenario.cells[best] as number] as number);
}

/**
 * Prices of a replay's scenarios: on core-seconds or accuracy, such that the middle cell's core-seconds cost as much as its
 * energy, and ten percentage points of accuracy too. Scenarios take a tenth, a third or all of it.
 */
export function pricesOf(cells: readonly CalibrationCell[], energy_j: ArrayLike<number>) {
	const middle_j = median(energy_j);
	return {
		price_j_per_core_s: middle_j / median(cells.map((cell) => cell.allocation * timePerRequest(cell))),
		weight_j_per_pct: middle_j / 10,
		shares: [0.1, 10 ** -0.5, 1],
	};
}

function median(values: ArrayLike<number>): number {
	return sortedQuantile(Float64Array.from(values).sort(), 0.5);
}

/** The measured cells of one population, as a machine to calibrate on. */
export interface PopulationMachine extends MeasuredMachine {
	readonly dataset: string;
	readonly population: string;
	/** `clean`: cells without a flag. `all`: those with a suspect flag too, where there are any. */
	readonly selection: "clean" | "all";
}

/**
 * The populations of a data set that have at least `atLeast` cells with a measured energy and a latency. Cells with a
 * flag that is a fault never count.
 */
export function measuredMachines(
	{ dataset, cells, provenance }: Evidence,
	selection: PopulationMachine["selection"],
	atLeast = 30,
): readonly PopulationMachine[] {
	const faults = new Set(provenance.flags.flatMap(({ name, severity }) => (severity === "fault" ? [name] : [])));
	const usable = cells.filter(
		({ flags, energy, latency_s }) =>
			energy.status === "available" &&
			energy.kind === "measured" &&
			latency_s !== undefined &&
			(selection === "clean" ? flags.length === 0 : !flags.some((flag) => faults.has(flag))),
	);
	return [...groupBy(usable, (cell) => `${populationOf(cell)}, a ${cell.request_unit}`).values()]
		.filter((own) => own.length >= atLeast)
		.map((own) => {
			const all = own.map(calibrationCell);
			return {
				dataset,
				population: populationOf(own[0] as EvidenceCell),
				selection,
				cells: all,
				power_w: Float64Array.from(own, ({ energy }, i) =>
					energy.status === "available"
						? energy.energy_j_per_request * (all[i] as CalibrationCell).throughput_rps
						: Number.NaN,
				),
			};
		});
}

/** What a table says of a cell but for its energy. Its throughput is that of one replica. */
export function calibrationCell(cell: EvidenceCell): CalibrationCell {
	const { variant, allocation, batch, replicas, knobs, latency_s = Number.NaN, throughput_rps, accuracy_pct } = cell;
	return {
		id: JSON.stringify([variant, allocation, batch, replicas, ...Object.entries(knobs).sort()]),
		variant,
		allocation,
		batch,
		knobs: replicas === 1 ? knobs : { ...knobs, replicas },
		latency_s,
		throughput_rps: throughput_rps === undefined ? batch / latency_s : throughput_rps / replicas,
		...(accuracy_pct === undefined ? {} : { accuracy_pct }),
	};
}
