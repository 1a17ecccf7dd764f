import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readInstant } from "../carbon/instants.js";
import { type Gaps, hourlyFrom, regularSeries, type Series, type SeriesOptions } from "../carbon/series.js";
import { InputError } from "../errors.js";
import { type CarbonIntensity, carbonFile } from "./carbonFile.js";
import { type TimedPart, timedValues } from "./timed.js";

/** Consecutive intensities of a zone, g/kWh, and what they are. */
export interface IntensitySeries extends Series {
	readonly zone: string;
	readonly accounting: CarbonIntensity["accounting"];
	readonly basis: CarbonIntensity["basis"];
	/** False where the source counts hours from a start that it does not give: start_ms is then 0. */
	readonly dated: boolean;
	/** Share of the values that the provider estimated; absent where the source does not say. */
	readonly estimated_share?: number;
}

type Stated = Pick<CarbonIntensity, "accounting" | "basis"> & { readonly g_per_kwh: number };

/** How a provenance file states an intensity column's unit: "g/kWh, average, direct", "kg/MWh, marginal". */
const unitPattern = /^(k?g|lb)\/([kM]Wh), (average|marginal)(?:, (direct|lifecycle))?$/;
const grams: Readonly<Record<string, number>> = { g: 1, kg: 1000, lb: 453.59237 };

/** No fuel emits as much for a kWh: what is above is in another unit than stated. */
const most_g_per_kwh = 5000;

/**
 * Intensities as they come: a dataset folder, whose provenance file states each intensity column's unit, accounting and
 * basis ("g/kWh, average, direct"; kg, lb and MWh too), or one file of Electricity Maps (JSON of its API, yearly CSV), NESO
 * or WattTime, which say so by their form. Each step of time and zone is a row; intensitiesFrom and intensitySeries make
 * series of them, and refuse what is missing. Throws InputError where no column is so stated, where average and marginal
 * columns meet, or on a bad row.
 *
 * @param path a folder, or a file of a provider
 * @param part of a folder, what is wanted, where not all is
 * @example
 * const clover = await datasets.readCarbonIntensity(`${datasets.dataRoot}/raw/carbon-intensity-clover`);
 * clover[0].intensity_g_per_kwh; // → 124.57
 */
export async function readCarbonIntensity(path: string, part: TimedPart = {}): Promise<CarbonIntensity[]> {
	if ((await stat(path).catch(() => undefined))?.isFile() === true) return checked(await carbonFile(path));
	const values = await timedValues(path, statedIntensity, "not negative", part);
	if (values.length === 0 && Object.keys(part).length === 0)
		throw new InputError({
			file: join(path, "provenance.yaml"),
			field: "units",
			rule: 'must state a column in "g/kWh, average" or "g/kWh, marginal", with ", direct" or ", lifecycle" where known',
		});
	refuseMixed(
		join(path, "provenance.yaml"),
		values.map(({ stated }) => stated),
	);
	return checked(
		values.map(({ value, stated: { g_per_kwh, ...stated }, ...rest }) => ({
			...rest,
			...stated,
			intensity_g_per_kwh: value * g_per_kwh,
		})),
	);
}

function statedIntensity(unit: string): Stated | undefined {
	const [, mass, energy, accounting, basis = "unstated"] = unitPattern.exec(unit) ?? [];
	if (mass === undefined) return undefined;
	return { accounting, basis, g_per_kwh: grams[mass]! / (energy === "MWh" ? 1000 : 1) } as Stated;
}

function checked(intensities: CarbonIntensity[]): CarbonIntensity[] {
	for (const { intensity_g_per_kwh: value, file = "carbon intensity", line } of intensities)
		if (!(value <= most_g_per_kwh))
			throw new InputError({
				file,
				...(line === undefined ? {} : { line }),
				rule: `must be at most ${most_g_per_kwh} g/kWh: is the unit the one stated?`,
				value,
			});
	return intensities;
}

/**
 * The series of one zone on one basis, read by its times. Throws InputError where there are none, where average and
 * marginal intensities meet (they answer different questions, and a sum over both answers none), where a time comes twice,
 * lies off the grid or, unless `gaps` is "fill", is missing.
 *
 * @example
 * const clover = await datasets.readCarbonIntensity(`${datasets.dataRoot}/raw/carbon-intensity-clover`);
 * const series = datasets.intensitySeries(clover, "CISO_March", "unstated");
 * [series.values.length, series.dated]; // → [49, false]
 */
export function intensitySeries(
	intensities: readonly CarbonIntensity[],
	zone: string,
	basis: CarbonIntensity["basis"],
	part: Pick<SeriesOptions, "gaps" | "from_ms" | "to_ms"> = {},
): IntensitySeries {
	refuseMixed("intensities", intensities);
	const own = intensities.filter((given) => given.zone === zone && given.basis === basis);
	const [first] = own;
	if (first === undefined)
		throw new InputError({
			file: "intensities",
			field: "zone",
			rule: `must have hours on the basis ${basis}`,
			value: zone,
		});
	const dated = "datetime_utc" in first.time;
	const points = own.map(({ time, intensity_g_per_kwh: value, file, line }) => ({
		at_ms: "hour" in time ? time.hour * 3_600_000 : Date.parse(time.datetime_utc),
		value,
		...(file === undefined ? {} : { file }),
		...(line === undefined ? {} : { line }),
	}));
	const said = own.every(({ estimated }) => estimated !== undefined);
	return {
		// A series that is not dated counts hours, so its step is known.
		...regularSeries(points, { name: `carbon intensity of ${zone}`, ...part, ...(dated ? {} : { interval_s: 3600 }) }),
		zone,
		accounting: first.accounting,
		basis,
		dated,
		...(said ? { estimated_share: own.filter(({ estimated }) => estimated === true).length / own.length } : {}),
	};
}

/** What of the intensities, from when on, and how missing ones are met. */
export interface IntensitiesFrom {
	readonly zone: string;
	readonly basis: CarbonIntensity["basis"];
	/** First hour, as 2023-07-01T00:00:00Z. */
	readonly start: string;
	/** How many hours, at most; all that there are where it is left out. */
	readonly hours?: number;
	readonly gaps?: Gaps;
}

/**
 * Intensities of a place, g/kWh, hour by hour from a given hour on: means of the hour where the source has shorter steps.
 * Only steps from `start` on are looked at, so what is missing before does not matter.
 *
 * @throws InputError naming `field` where the series has no such hour; as intensitySeries besides
 * @example
 * const hours = [90, 110].map((intensity_g_per_kwh, hour) => ({
 * 	...{ zone: "GB", basis: "direct", intensity_g_per_kwh },
 * 	time: { datetime_utc: `2023-07-01T0${hour}:00:00Z` },
 * }));
 * datasets.intensitiesFrom(hours, { zone: "GB", basis: "direct", start: "2023-07-01T01:00:00Z" }); // → [110]
 */
export function intensitiesFrom(
	intensities: readonly CarbonIntensity[],
	{ zone, basis, start, hours, gaps = "refuse" }: IntensitiesFrom,
	field = "start",
): number[] {
	const instant = readInstant(start);
	const fault = (rule: string): never => {
		throw new InputError({ file: "carbon intensity", field, rule, value: start });
	};
	if (instant.status !== "instant") return fault("must be a time as 2023-07-01T00:00:00Z");
	const from_ms = instant.at_ms;
	const until = hours === undefined ? {} : { to_ms: from_ms + hours * 3_600_000 };
	const series = intensitySeries(intensities, zone, basis, { gaps, from_ms, ...until });
	if (!series.dated) return fault("must be left out: the series has hours and no dates");
	return [...hourlyFrom(series, from_ms, { name: `carbon intensity of ${zone}`, field })].slice(0, hours);
}

function refuseMixed(file: string, stated: readonly Pick<CarbonIntensity, "accounting">[]): void {
	const first = stated[0]?.accounting;
	const other = stated.find(({ accounting }) => accounting !== first);
	if (first === undefined || other === undefined) return;
	throw new InputError({
		file,
		field: "accounting",
		rule: "must not mix average and marginal intensities",
		value: [first, other.accounting],
	});
}
