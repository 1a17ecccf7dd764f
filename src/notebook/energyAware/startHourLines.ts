import type { Served } from "../../adaptation/serve.js";
import { hourlyFrom } from "../../carbon/series.js";
import { startHours } from "../../carbon/startHours.js";
import { type CarbonIntensity, intensitySeries } from "../../datasets/carbon.js";
import { weakestKind } from "../../units.js";
import type { Figure } from "../figure.js";
import { lines } from "../plots/lines.js";

export interface Places {
	readonly zones: readonly string[];
	readonly basis: CarbonIntensity["basis"];
	/** First hours of the year from which the run begins. */
	readonly hours: number;
	readonly interval_s: number;
}

/** Emissions of the same run by place and by the hour at which it begins. */
export function startHourLines(served: Served, intensities: readonly CarbonIntensity[], places: Places): Figure {
	const { zones, basis, interval_s } = places;
	const { energy } = served;
	if (energy.status === "unavailable") throw new RangeError(energy.reason);
	return lines({
		title: "The same run at another place and hour",
		caption: `Grams of CO2-equivalent of the run (average intensity, ${basis}) by the hour of 2023 at which it begins.`,
		kind: weakestKind([energy.kind, "modelled"]),
		source: "data/raw/carbon-intensity-2023 times the run's energy",
		x: "hour of the year at which the run begins",
		y: "g CO2e",
		lines: zones.map((zone) => {
			const y = gramsByHour(energy.joules, interval_s, intensities, zone, places);
			return { name: zone, x: y.map((_, hour) => hour), y };
		}),
	});
}

/** Rows for a table: the best, mean and worst hour of the year by place. */
export function startHourRows(
	served: Served,
	intensities: readonly CarbonIntensity[],
	{ zones, basis, interval_s }: Omit<Places, "hours">,
): Record<string, string | number>[] {
	const { energy } = served;
	if (energy.status === "unavailable") throw new RangeError(energy.reason);
	return zones.map((zone) => {
		const all = startHours(energy.joules, interval_s, hourly(intensities, zone, basis));
		return {
			zone,
			"best hour (g)": Number(all.best.total_g.toPrecision(3)),
			"mean (g)": Number(all.mean_g.toPrecision(3)),
			"worst hour (g)": Number(all.worst.total_g.toPrecision(3)),
			"worst / best": Number((all.worst.total_g / all.best.total_g).toFixed(1)),
			kind: weakestKind([energy.kind, "modelled"]),
		};
	});
}

function gramsByHour(
	joules: Float64Array,
	interval_s: number,
	intensities: readonly CarbonIntensity[],
	zone: string,
	{ basis, hours }: Places,
): number[] {
	const runHours = Math.ceil((joules.length * interval_s) / 3600);
	return [...startHours(joules, interval_s, hourly(intensities, zone, basis).slice(0, hours + runHours - 1)).total_g];
}

function hourly(intensities: readonly CarbonIntensity[], zone: string, basis: CarbonIntensity["basis"]): Float64Array {
	const series = intensitySeries(intensities, zone, basis);
	return hourlyFrom(series, series.start_ms, { name: `carbon intensity of ${zone}` });
}
