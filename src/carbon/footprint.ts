import { joulesPerKilowattHour } from "../units.js";

/** Emissions of a run whose energy is known by interval. */
export interface Footprint {
	/** Grams of CO2-equivalent in each interval. */
	readonly grams: Float64Array;
	readonly total_g: number;
	/** The run's energy-weighted mean intensity, g/kWh. */
	readonly mean_g_per_kwh: number;
}

/**
 * Emissions of a run: each interval's energy times the intensity of the hour that it begins in. Operational only; PUE and
 * embodied carbon are the caller's.
 *
 * @param joules energy of each interval, J
 * @param interval_s length of an interval, s
 * @param hourly_g_per_kwh intensity of consecutive hours, g/kWh
 * @param startHour index into the hours of the run's first second
 * @throws RangeError where the run outlasts the hours, or begins before them
 */
export function footprint(
	joules: ArrayLike<number>,
	interval_s: number,
	hourly_g_per_kwh: ArrayLike<number>,
	startHour = 0,
): Footprint {
	const lastHour = startHour + Math.ceil((joules.length * interval_s) / 3600) - 1;
	if (startHour < 0 || lastHour >= hourly_g_per_kwh.length)
		throw new RangeError(
			`the run takes hours ${startHour} to ${lastHour} and intensities are known for 0 to ${hourly_g_per_kwh.length - 1}`,
		);
	const grams = Float64Array.from(joules, (energy_j, k) => {
		const hour = startHour + Math.floor((k * interval_s) / 3600);
		return (energy_j / joulesPerKilowattHour) * (hourly_g_per_kwh[hour] as number);
	});
	const total_g = sum(grams);
	const total_j = sum(Float64Array.from(joules));
	return { grams, total_g, mean_g_per_kwh: total_j === 0 ? 0 : (total_g / total_j) * joulesPerKilowattHour };
}

function sum(values: Float64Array): number {
	return values.reduce((so, value) => so + value, 0);
}

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
