import { InputError } from "../errors.js";
import { type CarbonIntensity, intensitySeries } from "./carbon.js";

/**
 * Intensities of a place, g/kWh, hour by hour from a given hour on.
 *
 * @param start first hour, as 2023-07-01T00:00:00Z
 * @throws InputError naming `field` where the series has no such hour
 */
export function intensitiesFrom(
	intensities: readonly CarbonIntensity[],
	{ zone, basis, start }: { readonly zone: string; readonly basis: CarbonIntensity["basis"]; readonly start: string },
	field = "start",
): number[] {
	const series = intensitySeries(intensities, zone, basis);
	const first = series.findIndex(({ time }) => "datetime_utc" in time && time.datetime_utc === start);
	if (first < 0)
		throw new InputError({ file: "carbon intensity", field, rule: "must be an hour of the series", value: start });
	return series.slice(first).map(({ intensity_g_per_kwh }) => intensity_g_per_kwh);
}
