import type { SystemRow } from "../adaptation/compareSystems.js";
import type { ReplayRow } from "../datasets/dataFiles.js";
import type { Deployment } from "../deployment/deployment.js";
import type { NamedFootprint } from "../levers/sciUse.js";
import type { CalibrationReport } from "../measurement/calibrationFiles.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import { weakestKind } from "../units.js";
import { type ForestRow, forest } from "./bars.js";
import { intervalRows, neededRows, replayFigure, stopRows } from "./calibrationViews.js";
import {
	actedOnRows,
	deploymentExplainedRows,
	deploymentFigure,
	deploymentPowerRows,
	deploymentRankRows,
	deploymentRunRows,
} from "./deploymentViews.js";
import { systemLines } from "./energyAwareFigures.js";
import type { FrameValue } from "./frames.js";
import type { Figure } from "./house.js";
import { lines } from "./lines.js";
import type { Shown } from "./show.js";

type Row = Readonly<Record<string, FrameValue>>;

/** As many rows as a figure has room for; a table beside it has them all. */
const mostShown = 40;
const shownOf = (count: number) =>
	count > mostShown ? `The ${mostShown} least of ${count}; all are in the table. ` : "";
const significant = (value: number): number => Number(value.toPrecision(3));

function rowsOr(rows: readonly Row[], reason: string): Perhaps<Shown> {
	return rows.length === 0 ? unavailable(reason) : available(rows);
}

/** Part of a deployment, or why it has none. */
export function deploymentOutcome(
	found: Deployment,
	part: "runs" | "figure" | "power" | "explained" | "ranks" | "decisions",
): Perhaps<Shown> {
	const { busy_cores: busy, refused } = found;
	const none = refused.map(({ run, reason }) => `run ${run}: ${reason}`).join("; ") || "there are no runs";
	const noLine = busy.status === "fitted" ? none : busy.reason;
	switch (part) {
		case "runs":
			return rowsOr(deploymentRunRows(found), none);
		case "figure":
			return busy.status === "fitted"
				? available(deploymentFigure(found, "the power logs; busy cores modelled from IPA's profile"))
				: unavailable(noLine);
		case "power":
			return rowsOr(deploymentPowerRows(found), none);
		case "explained":
			return rowsOr(deploymentExplainedRows(found), noLine);
		case "ranks":
			return rowsOr(
				deploymentRankRows(found),
				"no load was served by two systems of which the table of runs says the cores",
			);
		case "decisions":
			return rowsOr(actedOnRows(found), "no adapter's decisions were given (--decisions)");
	}
}

/** Energy of every system over the load, or why there is none. */
export function systemEnergyOutcome(
	systems: readonly SystemRow[],
	shown: Parameters<typeof systemLines>[2],
): Perhaps<Figure> {
	const reasons = systems.map(({ outcome }) =>
		outcome.status === "unavailable"
			? outcome.reason
			: outcome.served.energy.status === "unavailable"
				? outcome.served.energy.reason
				: undefined,
	);
	return reasons.includes(undefined)
		? available(systemLines(systems, "energy", shown))
		: unavailable(reasons[0] ?? "there are no systems");
}

/** Several footprints, a row each, of 1,000 requests; what is not known has its reason in place of a number. */
export function footprintCellRows(footprints: readonly NamedFootprint[]): Row[] {
	return footprints.map(({ name, perRequest, per1000 }) => {
		const { energy_kwh, sci_g } = per1000;
		const { embodied_share } = perRequest;
		return {
			name,
			"energy of 1,000 requests (kWh)": energy_kwh.status === "available" ? significant(energy_kwh.factor.value) : null,
			"SCI of 1,000 requests (g)": sci_g.status === "available" ? significant(sci_g.factor.value) : null,
			"embodied share": embodied_share.status === "available" ? significant(embodied_share.factor.value) : null,
			kind: sci_g.status === "available" ? sci_g.factor.kind : "",
			because: sci_g.status === "available" ? "" : sci_g.reason,
		};
	});
}

/** Operational and embodied grams of 1,000 requests with their ranges, the least first; or why there are none. */
export function footprintFigure(footprints: readonly NamedFootprint[], source: string): Perhaps<Figure> {
	const known = footprints.flatMap(({ name, perRequest: { operational_g, embodied_g, sci_g } }) =>
		sci_g.status === "available" ? [{ name, total: sci_g.factor, operational_g, embodied_g }] : [],
	);
	const [first] = footprints;
	if (known.length === 0)
		return unavailable(first?.perRequest.sci_g.status === "unavailable" ? first.perRequest.sci_g.reason : "no cells");
	const shown = known.sort((a, b) => a.total.value - b.total.value).slice(0, mostShown);
	const rows = shown.flatMap(({ name, operational_g, embodied_g }): ForestRow[] =>
		[["E x I, operational", operational_g] as const, ["M, embodied", embodied_g] as const].flatMap(([group, part]) =>
			part.status === "available"
				? [
						{
							label: name,
							group,
							estimate: 1000 * part.factor.value,
							interval: { low: 1000 * part.factor.low, high: 1000 * part.factor.high },
						},
					]
				: [],
		),
	);
	return available(
		forest({
			title: "Grams of CO2-equivalent of 1,000 requests",
			caption: `${shownOf(known.length)}Ranges are of sources and hours, no confidence intervals.`,
			kind: weakestKind(shown.map(({ total }) => total.kind)),
			source,
			x: "gCO2e of 1,000 requests",
			rows,
		}),
	);
}

/** Part of a calibration's report, or that there is none. */
export function calibrationOutcome(
	report: CalibrationReport | undefined,
	part: "doubt" | "visits" | "power" | "energies",
): Perhaps<Shown> {
	if (report === undefined) return unavailable("these are replays, of which none is a plan's calibration");
	switch (part) {
		case "doubt":
			return available(doubtFigure(report));
		case "visits":
			return rowsOr(visitRows(report), "no cell was visited");
		case "power":
			return available(calibratedFigure(report));
		case "energies":
			return rowsOr(calibratedRows(report), "no cell has an energy");
	}
}

/** Part of replayed calibrations, or that there are none. */
export function replayOutcome(
	rows: readonly ReplayRow[],
	part: "curves" | "needed" | "stops" | "intervals",
): Perhaps<Shown> {
	if (rows.length === 0) return unavailable("this is a plan's calibration, and no replay of one on measured cells");
	const curved = rows.filter(({ results }) => results.some(({ curve }) => curve !== undefined)).slice(0, 3);
	switch (part) {
		case "curves":
			return curved.length === 0
				? unavailable("the replays were kept without their curves")
				: available(
						replayFigure(
							curved,
							curved.map(({ population }) => population),
						),
					);
		case "needed":
			return available(neededRows(rows));
		case "stops":
			return rowsOr(stopRows(rows), "knowledge-gradient was not among the methods");
		case "intervals":
			return rowsOr(intervalRows(rows), "knowledge-gradient was not among the methods");
	}
}

/** A calibration's visits, a row each, in their order. */
function visitRows({ curve }: CalibrationReport): Row[] {
	return curve.map(({ k, cell, visit, power_w, foreseen_w, half_width, doubt }) => ({
		"cells measured": k,
		cell,
		visit,
		"power (W)": rounded(power_w),
		"foreseen (W)": rounded(foreseen_w),
		"half width of the cells left (%)": rounded(half_width, 100),
		"chance of another choice (%)": rounded(doubt, 100),
	}));
}

function rounded(value: string | number | null | undefined, scale = 1): number | null {
	return typeof value === "number" ? significant(scale * value) : null;
}

/** How sure the choice is after each visit, against the chance at which a calibration stops. */
function doubtFigure(report: CalibrationReport): Figure {
	const { curve, stop_below, plan, scenarios, margin } = report;
	const visits = curve.map((_, i) => i + 1);
	const percent = (name: string) => curve.map((visit) => 100 * Number(visit[name] ?? Number.NaN));
	return lines({
		title: "How sure the choice is",
		caption: `Plan ${plan}: mean chance, over ${scenarios} scenarios, that another cell is better by more than ${100 * margin} %; and the median half width of the intervals of the cells left. It stops under ${100 * stop_below} % twice running.`,
		kind: "modelled",
		source: "the plan's journals; powers of cells that were not measured are predicted",
		x: "visits to cells",
		y: "%",
		points: true,
		lines: [
			{ name: "chance of another choice", x: visits, y: percent("doubt") },
			{ name: "half width", x: visits, y: percent("half_width"), dash: "dash" },
			{ name: "stops below", x: visits, y: visits.map(() => 100 * stop_below), dash: "dot" },
		],
	});
}

const cellName = ({ cell }: CalibrationReport["energies"][number]) =>
	[
		cell.variant,
		`${cell.allocation} cores`,
		`batch ${cell.batch}`,
		...Object.entries(cell.knobs).map(([name, value]) => `${name} ${value}`),
	].join(", ");

/** Every cell's energy with its kind: measured where it was visited, else predicted with its interval of power. */
function calibratedRows({ energies }: CalibrationReport): Row[] {
	return energies.map((energy) => ({
		cell: cellName(energy),
		"energy of a request (J)": significant(energy.energy_j_per_request),
		"power (W)": significant(energy.power_w),
		low: significant(energy.power_low_w),
		high: significant(energy.power_high_w),
		kind: energy.kind,
	}));
}

/** Power of every cell with its interval, the least energy a request first. */
function calibratedFigure({ energies, plan, interval_level }: CalibrationReport): Figure {
	const shown = [...energies].sort((a, b) => a.energy_j_per_request - b.energy_j_per_request).slice(0, mostShown);
	return forest({
		title: "Power of the cells, the least energy a request first",
		caption: `Plan ${plan}. ${shownOf(energies.length)}Intervals of level ${interval_level}.`,
		kind: weakestKind(shown.map(({ kind }) => kind)),
		source: "the plan's journals; powers of cells that were not measured are predicted",
		x: "power (W)",
		rows: shown.map((energy) => ({
			label: cellName(energy),
			group: energy.kind,
			estimate: energy.power_w,
			interval: { low: energy.power_low_w, high: energy.power_high_w },
		})),
	});
}
