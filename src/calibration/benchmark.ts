import { mean } from "simple-statistics";
import { type CalibrationSettings, calibrationDefaults, type Method } from "./calibration.js";
import { type MeasuredMachine, type ReplayStep, replay } from "./replay.js";

/** A scenario is in error where its choice costs more than this share of the best's energy beyond it. */
const tolerance = 0.01;

/** The least number of cells from which on a share of scenarios is decided; `not-reached` within the cells tried. */
export type CellsNeeded = number | "not-reached";

/** Median and 90th percentile over the seeds. */
export interface OverSeeds {
	readonly median: CellsNeeded;
	readonly p90: CellsNeeded;
}

/** What replays come to after so many cells: means over the seeds; null where no seed has cells of the kind left. */
export interface BenchmarkPoint {
	readonly k: number;
	readonly share_of_cells: number;
	/** Root mean square error of log power of the cells left. */
	readonly error: number | null;
	readonly mean_regret: number;
	readonly share_over_1pct: number;
	readonly share_over_5pct: number;
	readonly coverage: number | null;
	readonly coverage_contending: number | null;
	readonly half_width: number | null;
	readonly doubt: number;
}

/** When a method's calibrations stopped. */
export interface BenchmarkStop {
	/** Seeds that stopped within the cells tried. */
	readonly stopped: number;
	readonly seeds: number;
	readonly k: OverSeeds;
	/** Share of the scenarios in error by more than 1 % at the stop, mean over the seeds that stopped; null where none did. */
	readonly share_over_1pct: number | null;
	/** Where a seed did not stop: the mean doubt at its end, and the mean regret. Null where all did. */
	readonly undecided: { readonly doubt: number; readonly mean_regret: number } | null;
}

/** One method on one machine. */
export interface BenchmarkResult {
	readonly method: Method;
	/** Scenarios of a seed. */
	readonly scenarios: number;
	/** From which on 95 % of a seed's scenarios are within 1 % of the best, and every one. */
	readonly cells_needed_95: OverSeeds;
	readonly cells_needed_all: OverSeeds;
	/** After 5, 8, 12 and 20 cells and 5, 10, 15 and 25 % of them, where they were tried. */
	readonly points: readonly BenchmarkPoint[];
	/** Every number of cells. */
	readonly curve: readonly BenchmarkPoint[];
	readonly stop: BenchmarkStop;
}

/** Cells tried at most: 45, or 60 % where there are fewer than 60. */
export function cellsTried(cells: number): number {
	return cells < 60 ? Math.floor(0.6 * cells) : Math.min(45, cells);
}

/**
 * Replays one method on a measured machine, one calibration a seed.
 *
 * @param atMost cells tried; `cellsTried` by default
 * @example
 * benchmark({ cells, power_w }, { method: "random", seeds: 3 }).cells_needed_95.median;
 */
export function benchmark(
	machine: MeasuredMachine,
	{
		method,
		seeds,
		atMost = cellsTried(machine.cells.length),
		settings = {},
	}: {
		readonly method: Method;
		readonly seeds: number;
		readonly atMost?: number;
		readonly settings?: Partial<CalibrationSettings>;
	},
): BenchmarkResult {
	const all = { ...calibrationDefaults, ...settings, method };
	const runs = Array.from({ length: seeds }, (_, seed) => replay(machine, { seed, atMost, settings: all }));
	const count = machine.cells.length;
	const curve = Array.from({ length: Math.min(...runs.map((run) => run.length)) }, (_, i) =>
		pointOf(runs, i + 1, count),
	);
	const asked = new Set([
		5,
		8,
		12,
		20,
		...[0.05, 0.1, 0.15, 0.25].map((share) => Math.max(1, Math.round(share * count))),
	]);
	return {
		method,
		scenarios: runs[0]?.[0]?.regrets.length ?? 0,
		cells_needed_95: overSeeds(runs.map((run) => cellsNeeded(run, 0.95))),
		cells_needed_all: overSeeds(runs.map((run) => cellsNeeded(run, 1))),
		points: curve.filter(({ k }) => asked.has(k)),
		curve,
		stop: stopOf(runs),
	};
}

/**
 * The least number of cells from which on, to the end of the replay, at least `share` of the scenarios are within 1 % of
 * the energy of the true best.
 *
 * @example
 * cellsNeeded([{ k: 1, regrets: [0.2, 0] }, { k: 2, regrets: [0, 0.01] }], 1); // 2
 */
export function cellsNeeded(
	steps: readonly { readonly k: number; readonly regrets: ArrayLike<number> }[],
	share: number,
): CellsNeeded {
	let needed: CellsNeeded = "not-reached";
	for (const { k, regrets } of [...steps].reverse()) {
		if (1 - shareOver(regrets, tolerance) < share - 1e-9) break;
		needed = k;
	}
	return needed;
}

function shareOver(regrets: ArrayLike<number>, limit: number): number {
	let over = 0;
	for (let i = 0; i < regrets.length; i++) if ((regrets[i] as number) > limit + 1e-12) over++;
	return over / regrets.length;
}

/** Order statistics, so that a seed that never got there counts as more than any number. */
function overSeeds(needed: readonly CellsNeeded[]): OverSeeds {
	const rank = (value: CellsNeeded) => (value === "not-reached" ? Number.POSITIVE_INFINITY : value);
	const sorted = [...needed].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
	const at = (q: number) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? "not-reached";
	return { median: at(0.5), p90: at(0.9) };
}

function pointOf(runs: readonly (readonly ReplayStep[])[], k: number, count: number): BenchmarkPoint {
	const steps = runs.map((run) => run[k - 1] as ReplayStep);
	const known = (of: (step: ReplayStep) => number) => {
		const values = steps.map(of).filter((value) => !Number.isNaN(value));
		return values.length === 0 ? null : mean(values);
	};
	return {
		k,
		share_of_cells: k / count,
		error: known(({ error }) => error),
		mean_regret: mean(steps.map(({ regrets }) => mean([...regrets]))),
		share_over_1pct: mean(steps.map(({ regrets }) => shareOver(regrets, tolerance))),
		share_over_5pct: mean(steps.map(({ regrets }) => shareOver(regrets, 0.05))),
		coverage: known(({ coverage }) => coverage),
		coverage_contending: known(({ coverage_contending }) => coverage_contending),
		half_width: known(({ half_width }) => half_width),
		doubt: mean(steps.map(({ doubt }) => doubt)),
	};
}

function stopOf(runs: readonly (readonly ReplayStep[])[]): BenchmarkStop {
	const stops = runs.map((run) => run.find(({ sure }) => sure));
	const stopped = stops.filter((step) => step !== undefined);
	const ends = runs.flatMap((run, i) => (stops[i] === undefined ? [run.at(-1) as ReplayStep] : []));
	return {
		stopped: stopped.length,
		seeds: runs.length,
		k: overSeeds(stops.map((step) => step?.k ?? "not-reached")),
		share_over_1pct: stopped.length === 0 ? null : mean(stopped.map(({ regrets }) => shareOver(regrets, tolerance))),
		undecided:
			ends.length === 0
				? null
				: {
						doubt: mean(ends.map(({ doubt }) => doubt)),
						mean_regret: mean(ends.map(({ regrets }) => mean([...regrets]))),
					},
	};
}
