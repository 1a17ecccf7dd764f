import { footprint } from "./footprint.js";

/** What the same run emits when it begins at another hour. */
export interface StartHours {
	/** Emissions by the hour of the start, g; every hour from which the run fits. */
	readonly total_g: Float64Array;
	readonly mean_g: number;
	readonly best: { readonly hour: number; readonly total_g: number };
	readonly worst: { readonly hour: number; readonly total_g: number };
}

/**
 * Emissions of a run for each hour at which it could begin: what waiting for a cleaner hour is worth.
 *
 * @throws RangeError where the run fits nowhere
 */
export function startHours(
	joules: ArrayLike<number>,
	interval_s: number,
	hourly_g_per_kwh: ArrayLike<number>,
): StartHours {
	const hourly_j = byHour(joules, interval_s);
	const starts = hourly_g_per_kwh.length - hourly_j.length + 1;
	const total_g = Float64Array.from(
		{ length: Math.max(1, starts) },
		(_, hour) => footprint(hourly_j, 3600, hourly_g_per_kwh, hour).total_g,
	);
	let best = 0;
	let worst = 0;
	for (let hour = 1; hour < total_g.length; hour++) {
		if ((total_g[hour] as number) < (total_g[best] as number)) best = hour;
		if ((total_g[hour] as number) > (total_g[worst] as number)) worst = hour;
	}
	const at = (hour: number) => ({ hour, total_g: total_g[hour] as number });
	return {
		total_g,
		mean_g: total_g.reduce((so, value) => so + value, 0) / total_g.length,
		best: at(best),
		worst: at(worst),
	};
}

/** Energy of each hour of the run, each interval's in the hour that it begins in, as footprint counts it. */
function byHour(joules: ArrayLike<number>, interval_s: number): Float64Array {
	const hourly_j = new Float64Array(Math.ceil((joules.length * interval_s) / 3600));
	for (let k = 0; k < joules.length; k++) {
		const hour = Math.floor((k * interval_s) / 3600);
		hourly_j[hour] = (hourly_j[hour] as number) + (joules[k] as number);
	}
	return hourly_j;
}
