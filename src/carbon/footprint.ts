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
