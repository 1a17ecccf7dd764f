import type { ZoneShift } from "../../levers/timeAndPlace.js";
import type { Figure } from "../figure.js";
import { bars } from "../plots/bars.js";

/** What waiting saves by zone: medians with the middle nine tenths of the start dates. */
export function shiftBars(shifts: readonly ZoneShift[], source: string): Figure {
	return bars({
		title: "What waiting saves, by zone",
		caption:
			"Medians over every hour of the year as start; whiskers from the 5th to the 95th percentile. Below 0: waiting emitted more.",
		kind: "modelled",
		source,
		y: "% of the carbon of beginning at once",
		bars: shifts.flatMap(({ zone, persistence, oracle }) =>
			(
				[
					["planned by yesterday's hours", persistence],
					["an oracle, no result", oracle],
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
