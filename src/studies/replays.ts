import type { ReplayRow } from "../datasets/dataFiles.js";
import type { CalibrationReport } from "../measurement/calibrationFiles.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import type { Kind } from "../units.js";

export type ReplayResult = ReplayRow["results"][number];
/** Median and 90th percentile over the seeds; `not-reached`: not within the cells tried. */
export type ReplayNeed = ReplayResult["cells_needed_95"];

/** Cells needed on a population: of each method for 95 % of a seed's scenarios, of ours for every one. */
export interface ReplayNeeds {
	readonly population: string;
	readonly cells: number;
	readonly seeds: number;
	/** By method, for 95 % of the scenarios. */
	readonly needed_95: Readonly<Record<string, ReplayNeed>>;
	/** Ours, for every scenario. */
	readonly needed_all?: ReplayNeed;
}

/** Where ours stops on a population, and what its choices are worth there. */
export interface ReplayStop {
	readonly population: string;
	readonly cells: number;
	readonly stops_after: ReplayNeed;
	readonly stopped: number;
	readonly seeds: number;
	/** Of the scenarios at the stop: choices in error by more than 1 %. */
	readonly in_error_share: number | null;
	/** Mean regret of the seeds that did not stop, of the energy. */
	readonly at_stake_share: number | null;
}

/** Ours' 90 % intervals on a population, over every number of cells from 8 on at which they were looked at. */
export interface ReplayIntervals {
	readonly population: string;
	readonly for: ReplayRow["purpose"];
	/** Least mean coverage of all cells left, and of those that can still be chosen. */
	readonly least_coverage_share: number;
	readonly least_coverage_of_contenders_share: number;
	/** Half width at 8 and at 20 cells, of the power. */
	readonly half_width_8_share?: number;
	readonly half_width_20_share?: number;
}

/** What replays of calibrations came to. */
export interface ReplaySummary {
	readonly needs: readonly ReplayNeeds[];
	readonly stops: readonly ReplayStop[];
	readonly intervals: readonly ReplayIntervals[];
}

/**
 * What replays of calibrations came to: cells needed, where ours stopped, and what its intervals cover.
 *
 * @example
 * const rows = await datasets.readReplays("edgetune");
 * const { needs } = studies.replaySummary(rows);
 * needs.length === rows.length; // → true
 */
export function replaySummary(rows: readonly ReplayRow[]): ReplaySummary {
	const ours = ({ results }: ReplayRow) => results.filter(({ method }) => method === "knowledge-gradient");
	return {
		needs: rows.map((row) => {
			const { population, cells, seeds, results } = row;
			const [own] = ours(row);
			return {
				population,
				cells,
				seeds,
				needed_95: Object.fromEntries(results.map(({ method, cells_needed_95 }) => [method, cells_needed_95])),
				...(own === undefined ? {} : { needed_all: own.cells_needed_all }),
			};
		}),
		stops: rows.flatMap((row) =>
			ours(row).map(({ stop: { k, stopped, seeds, share_over_1pct, undecided } }) => ({
				population: row.population,
				cells: row.cells,
				stops_after: k,
				stopped,
				seeds,
				in_error_share: share_over_1pct,
				at_stake_share: undecided?.mean_regret ?? null,
			})),
		),
		intervals: rows.flatMap((row) => ours(row).map((result) => ({ ...intervalsOf(row, result) }))),
	};
}

function intervalsOf({ population, purpose }: ReplayRow, { points, curve = points }: ReplayResult): ReplayIntervals {
	const late = curve.filter(({ k }) => k >= 8);
	const least = (values: readonly (number | null)[]) => Math.min(...values.map((value) => value ?? 1));
	const width = (cells: number) => {
		const half = curve.find(({ k }) => k === cells)?.half_width;
		return half === null || half === undefined ? undefined : Math.expm1(half);
	};
	const [at8, at20] = [width(8), width(20)];
	return {
		population,
		for: purpose,
		least_coverage_share: least(late.map(({ coverage }) => coverage)),
		least_coverage_of_contenders_share: least(late.map(({ coverage_contending }) => coverage_contending)),
		...(at8 === undefined ? {} : { half_width_8_share: at8 }),
		...(at20 === undefined ? {} : { half_width_20_share: at20 }),
	};
}

/** A visit of a calibration to a cell. */
export interface CalibrationVisit {
	readonly cells_measured: number | undefined;
	readonly cell: string | undefined;
	readonly visit: number | undefined;
	readonly power_w: number | undefined;
	readonly foreseen_w: number | undefined;
	/** Of the intervals of the cells left, the median. */
	readonly half_width_share: number | undefined;
	/** Mean chance that another cell is better by more than the margin. */
	readonly doubt_share: number | undefined;
}

/** A cell's energy with its kind: measured where it was visited, else predicted with its interval of power. */
export interface CalibratedCell {
	readonly cell: string;
	readonly energy_j_per_request: number;
	readonly power_w: { readonly value: number; readonly low: number; readonly high: number };
	readonly kind: Kind;
}

/** A plan's calibration as rows. */
export interface CalibrationTables {
	readonly visits: Perhaps<readonly CalibrationVisit[]>;
	readonly energies: Perhaps<readonly CalibratedCell[]>;
}

/** In place of a plan's calibration, where replays are looked at. */
export const noCalibration = unavailable("these are replays, of which none is a plan's calibration");

/**
 * A plan's calibration as rows, from its report.json; or that there is none.
 *
 * @example
 * studies.calibration(undefined).visits.status; // → "unavailable"
 */
export function calibrationTables(report: CalibrationReport | undefined): CalibrationTables {
	if (report === undefined) return { visits: noCalibration, energies: noCalibration };
	const { curve, energies } = report;
	return {
		visits: available(
			curve.map((visit): CalibrationVisit => {
				const number = (name: string) => (typeof visit[name] === "number" ? visit[name] : undefined);
				return {
					cells_measured: number("k"),
					cell: typeof visit.cell === "string" ? visit.cell : undefined,
					visit: number("visit"),
					power_w: number("power_w"),
					foreseen_w: number("foreseen_w"),
					half_width_share: number("half_width"),
					doubt_share: number("doubt"),
				};
			}),
		),
		energies: available(
			energies.map(({ cell: { variant, allocation, batch, knobs }, energy_j_per_request, kind, ...own }) => ({
				cell: [
					variant,
					`${allocation} cores`,
					`batch ${batch}`,
					...Object.entries(knobs).map(([name, value]) => `${name} ${value}`),
				].join(", "),
				energy_j_per_request,
				power_w: { value: own.power_w, low: own.power_low_w, high: own.power_high_w },
				kind,
			})),
		),
	};
}
