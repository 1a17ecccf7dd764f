import type { ZoneShift } from "../levers/timeAndPlace.js";
import type { ZoneStartHours } from "../studies/runs.js";
import { weakestKind } from "../units.js";
import { bars } from "./bars.js";
import { drawn } from "./format.js";
import type { Figure } from "./house.js";
import { lines } from "./lines.js";

/**
 * Emissions of the same run by place and by the hour at which it begins, from `studies.startHoursByZone`.
 *
 * @param hours first hours of the series that are drawn
 * @example
 * figures.startHours([], 24).data; // → []
 */
export function startHours(zones: readonly ZoneStartHours[], hours: number): Figure {
	return lines({
		title: "The same run at another place and hour",
		caption: "Grams of CO2-equivalent of the run (average intensity) by the hour at which it begins.",
		kind: weakestKind([...zones.map(({ kind }) => kind), "modelled"]),
		source: "data/raw/carbon-intensity-2023 times the run's energy",
		x: "hour of the year at which the run begins",
		y: "g CO2e",
		lines: zones.map(({ zone, total_g }) => {
			const y = Array.from(total_g.subarray(0, hours), (grams) => drawn(grams));
			return { name: zone, x: y.map((_, hour) => hour), y };
		}),
	});
}

/**
 * What waiting saves by zone: medians with the middle nine tenths of the start dates.
 *
 * @example
 * const spread = { mean: 0.1, p5: 0, median: 0.1, p95: 0.2, count: 100 };
 * const shift = { zone: "GB", saved_by_yesterday_share: spread, saved_by_oracle_share: spread };
 * figures.shiftBars([shift], "made up").data.map(({ y }) => y); // → [[10], [10]]
 */
export function shiftBars(shifts: readonly ZoneShift[], source: string): Figure {
	return bars({
		title: "What waiting saves, by zone",
		caption:
			"Medians over every hour of the year as start; whiskers from the 5th to the 95th percentile. Below 0: waiting emitted more.",
		kind: "modelled",
		source,
		y: "% of the carbon of beginning at once",
		bars: shifts.flatMap(({ zone, saved_by_yesterday_share, saved_by_oracle_share }) =>
			(
				[
					["planned by yesterday's hours", saved_by_yesterday_share],
					["an oracle, no result", saved_by_oracle_share],
				] as const
			).map(([group, { median, p5, p95 }]) => ({
				label: zone,
				group,
				value: 100 * median,
				interval: { low: 100 * p5, high: 100 * p95 },
			})),
		),
	});
}
