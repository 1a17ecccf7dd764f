import { join } from "node:path";
import { z } from "zod";
import { type Factor, factor, type Hardware } from "../carbon/sci.js";
import { type Gaps, regularSeries, type Series, sliceSeries } from "../carbon/series.js";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import { type IntensitySeries, intensitySeries, readCarbonIntensity } from "./carbon.js";
import type { CarbonIntensity } from "./carbonFile.js";
import { readChecked } from "./checked.js";
import { packageRoot } from "./root.js";
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

/** Which grid, of when, counted how. */
export interface GridChoice {
	readonly zone: string;
	readonly basis: "direct" | "lifecycle";
	/** 2021 to 2024 (16 zones), 2023 for AU-SA and NL; any year of one's own file. */
	readonly year: number;
	/** One's own intensities in place of the shipped ones: a folder or a provider's file. */
	readonly intensities?: string;
}

/** A zone's year of intensities, with what to call it. */
export interface GridYear {
	readonly series: IntensitySeries;
	readonly source: string;
}

const raw = (name: string) => join(packageRoot, "data", "raw", name);

/**
 * A year of a grid's intensity, read by its times.
 *
 * @throws InputError where the source has no such zone, basis or year
 */
export async function readGridYear({ zone, basis, year, intensities }: GridChoice): Promise<GridYear> {
	// The 2023 file is another vintage, and has two zones that the four years do not have.
	const shipped = ["NL", "AU-SA"].includes(zone) ? "carbon-intensity-2023" : `carbon-intensity-${basis}-2021-2024`;
	const path = intensities ?? raw(shipped);
	const [from_ms, to_ms] = [Date.UTC(year, 0), Date.UTC(year + 1, 0)];
	const all = await readCarbonIntensity(path, { zones: [zone] });
	if (!all.some((each) => each.zone === zone)) {
		const known = [...new Set((await readCarbonIntensity(path)).map((each) => each.zone))];
		throw new InputError({ file: path, field: "zone", rule: `must be one of ${known.join(", ")}`, value: zone });
	}
	const bases = new Set(all.filter((each) => each.zone === zone).map((each) => each.basis));
	// A source that does not say its basis is taken as it is, and called unstated.
	const own: CarbonIntensity["basis"] = bases.has(basis) || !bases.has("unstated") ? basis : "unstated";
	const series = intensitySeries(all, zone, own, { from_ms, to_ms });
	const cut = { ...series, ...sliceSeries(series, from_ms, to_ms) };
	if (cut.values.length === 0)
		throw new InputError({ file: "grid", field: "year", rule: `must be one that ${zone} has values of`, value: year });
	const estimated = cut.estimated_share === undefined ? "" : `, ${Math.round(100 * cut.estimated_share)} % estimated`;
	const source = `${intensities ?? `data/raw/${shipped}`}: ${zone} ${year}, ${cut.accounting}, ${cut.basis}${estimated}`;
	return { series: cut, source };
}

/** Mean of a series as a factor, with the range of its hours (5th to 95th percentile). */
export function yearFactor({ values }: Series, unit: string, source: string): Factor {
	const sorted = Float64Array.from(values).sort();
	const at = (p: number) => sorted[Math.round(p * (sorted.length - 1))]!;
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	const [low, high] = [Math.min(at(0.05), mean), Math.max(at(0.95), mean)];
	return factor(mean, unit, "measured", source, { low, high });
}

/** A zone's year of wholesale prices, USD/kWh; undefined where the shipped prices have no such zone. */
export async function readPriceYear(
	zone: string,
	year: number,
): Promise<(Series & { readonly source: string }) | undefined> {
	const found = (await readPrices(raw("electricity-price-2021-2024"), { zones: [zone] }))[0];
	if (found === undefined) return undefined;
	const cut = sliceSeries(found, Date.UTC(year, 0), Date.UTC(year + 1, 0));
	return cut.values.length === 0
		? undefined
		: {
				...cut,
				source: `data/raw/electricity-price-2021-2024: ${zone} ${year}, wholesale, without grid fees or taxes`,
			};
}

const schema = z
	.strictObject({
		value: z.number().positive(),
		low: z.number().positive(),
		high: z.number().positive(),
		kind: z.enum(["measured", "digitised", "modelled"]),
		source: z.string().min(3),
	})
	.refine(({ value, low, high }) => low <= value && value <= high, "must have low <= value <= high");

const fileSchema = z.strictObject({
	pue: schema.refine(({ low }) => low >= 1, "a PUE is 1 or more"),
	lifetime_years: schema,
	hardware: z.record(z.string(), z.strictObject({ device: z.enum(["cpu", "gpu"]), embodied_g: schema })),
});

/** What a footprint is made of besides energy and place: data/footprint.yaml. */
export interface FootprintFactors {
	readonly pue: Factor;
	/** By name; each is for cores (cpu) or boards (gpu). */
	readonly hardware: ReadonlyMap<string, Hardware & { readonly device: "cpu" | "gpu" }>;
}

/** Reads the factors; InputError naming the field that breaks a rule. */
export async function readFootprintFactors(
	file: string = join(packageRoot, "data/footprint.yaml"),
): Promise<FootprintFactors> {
	const found = await readChecked(file, fileSchema);
	const of = (unit: string, { value, kind, source, low, high }: z.infer<typeof schema>) =>
		factor(value, unit, kind, source, { low, high });
	const lifetime_years = of("years", found.lifetime_years);
	return {
		pue: of("1", found.pue),
		hardware: new Map(
			Object.entries(found.hardware).map(([name, { device, embodied_g }]) => [
				name,
				{ piece: name, device, embodied_g: of("gCO2e", embodied_g), lifetime_years },
			]),
		),
	};
}
