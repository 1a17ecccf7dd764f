import type { NamedFootprint } from "../levers/sciUse.js";
import type { CalibrationReport } from "../measurement/calibrationFiles.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import { type CalibratedCell, calibrationTables, noCalibration } from "../studies/replays.js";
import { weakestKind } from "../units.js";
import { type ForestRow, forest } from "./bars.js";
import type { Figure } from "./house.js";
import { lines } from "./lines.js";

/** As many rows as a figure has room for; a table beside it has them all. */
const mostShown = 40;
const shownOf = (count: number) =>
	count > mostShown ? `The ${mostShown} least of ${count}; all are in the table. ` : "";

/**
 * Operational and embodied grams of 1,000 requests with their ranges, the least first; or why there are none.
 *
 * @example
 * figures.footprints([], "made up"); // → { status: "unavailable", reason: "no cells" }
 */
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

/** A plan's calibration in figures. */
export interface CalibrationFigures {
	/** How sure the choice is after each visit. */
	readonly doubt: Perhaps<Figure>;
	/** Power of every cell with its interval. */
	readonly power: Perhaps<Figure>;
}

/**
 * A plan's calibration in figures, or that there is none.
 *
 * @example
 * figures.calibration(undefined).doubt.status; // → "unavailable"
 */
export function calibrationFigures(report: CalibrationReport | undefined): CalibrationFigures {
	const { energies } = calibrationTables(report);
	if (report === undefined || energies.status === "unavailable") return { doubt: noCalibration, power: noCalibration };
	return { doubt: available(doubtFigure(report)), power: available(calibratedFigure(report, energies.value)) };
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

/** Power of every cell with its interval, the least energy a request first. */
function calibratedFigure({ plan, interval_level }: CalibrationReport, cells: readonly CalibratedCell[]): Figure {
	const shown = cells.toSorted((a, b) => a.energy_j_per_request - b.energy_j_per_request).slice(0, mostShown);
	return forest({
		title: "Power of the cells, the least energy a request first",
		caption: `Plan ${plan}. ${shownOf(cells.length)}Intervals of level ${interval_level}.`,
		kind: weakestKind(shown.map(({ kind }) => kind)),
		source: "the plan's journals; powers of cells that were not measured are predicted",
		x: "power (W)",
		rows: shown.map(({ cell, kind, power_w: { value, low, high } }) => ({
			label: cell,
			group: kind,
			estimate: value,
			interval: { low, high },
		})),
	});
}
