import { join } from "node:path";
import { type Gaps, regularSeries, type Series } from "../carbon/series.js";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import { type TimedPart, timedValues } from "./timed.js";

/** Wholesale electricity prices of a zone, per kWh; negative ones are real. */
export interface PriceSeries extends Series {
	readonly zone: string;
	readonly currency: string;
}

/** How a provenance file states a price: "USD/MWh, wholesale". */
const unitPattern = /^([A-Z]{3})\/([kM])Wh, wholesale$/;

/**
 * Prices of a dataset folder, a series a zone, read by their times; per kWh whatever the source has.
 *
 * @throws InputError where no column is stated as a price, or as regularSeries
 */
export async function readPrices(
	folder: string,
	{ gaps = "refuse", ...part }: TimedPart & { readonly gaps?: Gaps } = {},
): Promise<PriceSeries[]> {
	const stated = (unit: string) => {
		const [, currency, prefix] = unitPattern.exec(unit) ?? [];
		return currency === undefined ? undefined : { currency, perKwh: prefix === "M" ? 1 / 1000 : 1 };
	};
	const values = await timedValues(folder, stated, "none", part);
	if (values.length === 0 && Object.keys(part).length === 0)
		throw new InputError({
			file: join(folder, "provenance.yaml"),
			field: "units",
			rule: 'must state a column in "USD/MWh, wholesale" (another currency, kWh)',
		});
	return [...groupBy(values, ({ zone }) => zone)].map(([zone, own]) => ({
		...regularSeries(
			own.map(({ time, value, stated: { perKwh }, file, line }) => ({
				at_ms: "hour" in time ? time.hour * 3_600_000 : Date.parse(time.datetime_utc),
				value: value * perKwh,
				file,
				line,
			})),
			{ name: `price of ${zone}`, gaps },
		),
		zone,
		currency: own[0]!.stated.currency,
	}));
}
