import { basename } from "node:path";
import { z } from "zod";
import { isoSeconds, readInstant } from "../carbon/instants.js";
import { InputError } from "../errors.js";
import { checked } from "./checked.js";
import { type CsvRow, csvTable, numberField, optionalNumber, textField } from "./csv.js";
import { gunzip, readBytes } from "./file.js";
import { parseJson } from "./parseText.js";

/** Carbon intensity of a zone's electricity over one step of time (an hour, half an hour, five minutes). */
export interface CarbonIntensity {
	readonly zone: string;
	/** Start of the step, UTC; or its hour's number from the start of a series that is not dated. */
	readonly time: { readonly datetime_utc: string } | { readonly hour: number };
	readonly intensity_g_per_kwh: number;
	/** Of all that generates (average), or of what one more kWh would set running (marginal): never mixed. */
	readonly accounting: "average" | "marginal";
	/** Of the fuel burnt (direct), or of building and supplying the plants too (lifecycle). */
	readonly basis: "direct" | "lifecycle" | "unstated";
	/** Whether the provider estimated (or forecast) it; absent where the source does not say. */
	readonly estimated?: boolean;
	/** Where it stands, for messages. */
	readonly file?: string;
	readonly line?: number;
}

/** A short ton's pound, g: WattTime gives pounds of CO2 per MWh. */
const g_per_lb = 453.59237;

const electricityMaps = z.object({
	zone: z.string().min(1).optional(),
	carbonIntensity: z.number().min(0).nullable(),
	datetime: z.string(),
	emissionFactorType: z.enum(["lifecycle", "direct"]).optional(),
	isEstimated: z.boolean().optional(),
});
const neso = z.object({
	from: z.string(),
	to: z.string(),
	intensity: z.object({ forecast: z.number().min(0).nullable(), actual: z.number().min(0).nullable().optional() }),
});
const nesoRegion = z.object({ shortname: z.string().min(1), data: z.array(neso) });
const wattTime = z.object({
	meta: z.object({
		region: z.string().min(1),
		signal_type: z.enum(["co2_moer", "co2_aoer"]),
		units: z.literal("lbs_co2_per_mwh"),
	}),
	data: z.array(z.object({ point_time: z.string(), value: z.number().min(0) })),
});
const wattTimeTwo = z.array(
	z.object({ point_time: z.string(), value: z.number().min(0), datatype: z.literal("MOER"), ba: z.string().min(1) }),
);

/**
 * Intensities of a file as its provider gives it: Electricity Maps' JSON (latest, history, past range) or yearly CSV; the
 * JSON of Great Britain's carbon intensity API, national or regional, and NESO's CSV; WattTime's JSON (v3, v2) and CSV.
 * Where NESO has no actual value yet, its forecast stands, marked as estimated. Values that a provider leaves empty are
 * missing. Throws InputError where the file is none of these.
 */
export async function carbonFile(file: string): Promise<CarbonIntensity[]> {
	const bytes = gunzip(file, await readBytes(file));
	const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
	const found = /^\s*[[{]/.test(text) ? fromJson(file, text) : fromCsv(file, bytes);
	if (found.length === 0) throw new InputError({ file, rule: "must have at least one intensity" });
	return found;
}

const forms =
	"must be of Electricity Maps (JSON, yearly CSV), NESO (JSON, CSV) or WattTime (JSON, CSV), or a folder with provenance.yaml";

function fromJson(file: string, text: string): CarbonIntensity[] {
	const json = parseJson(file, text);
	const read = <T>(schema: z.ZodType<T>, value: unknown): T => checked(schema, value, file);
	if (Array.isArray(json)) return read(wattTimeTwo, json).map((point) => ofWattTime(file, point.ba, "co2_moer", point));
	const object = json as Record<string, unknown>;
	if ("meta" in object) {
		const { meta, data } = read(wattTime, object);
		return data.map((point) => ofWattTime(file, meta.region, meta.signal_type, point));
	}
	if ("carbonIntensity" in object) return ofElectricityMaps(file, "", [read(electricityMaps, object)]);
	const zone = typeof object.zone === "string" ? object.zone : "";
	if (Array.isArray(object.history))
		return ofElectricityMaps(file, zone, read(z.array(electricityMaps), object.history));
	const { data } = object;
	if (Array.isArray(data)) {
		const first = (data[0] ?? {}) as object;
		if ("carbonIntensity" in first) return ofElectricityMaps(file, zone, read(z.array(electricityMaps), data));
		if ("shortname" in first) return read(z.array(nesoRegion), data).flatMap((region) => ofRegion(file, region));
		if ("from" in first) return ofNeso(file, "GB", read(z.array(neso), data));
	} else if (typeof data === "object" && data !== null && "shortname" in data)
		return ofRegion(file, read(nesoRegion, data));
	throw new InputError({ file, rule: forms });
}

function ofElectricityMaps(
	file: string,
	zoneOfAll: string,
	rows: readonly z.infer<typeof electricityMaps>[],
): CarbonIntensity[] {
	return rows.flatMap(({ zone = zoneOfAll, carbonIntensity, datetime, emissionFactorType, isEstimated }) =>
		carbonIntensity === null
			? []
			: [
					{
						zone,
						time: dated(file, undefined, "datetime", datetime),
						intensity_g_per_kwh: carbonIntensity,
						accounting: "average",
						// The API's own default; it says so in every answer of today.
						basis: emissionFactorType ?? "lifecycle",
						...(isEstimated === undefined ? {} : { estimated: isEstimated }),
						file,
					},
				],
	);
}

const ofRegion = (file: string, { shortname, data }: z.infer<typeof nesoRegion>): CarbonIntensity[] =>
	ofNeso(file, `GB ${shortname}`, data);

function ofNeso(file: string, zone: string, rows: readonly z.infer<typeof neso>[]): CarbonIntensity[] {
	return rows.flatMap(({ from, intensity: { forecast, actual } }) =>
		nesoValue(file, zone, dated(file, undefined, "from", from), actual ?? undefined, forecast ?? undefined),
	);
}

function nesoValue(
	file: string,
	zone: string,
	time: CarbonIntensity["time"],
	actual: number | undefined,
	forecast: number | undefined,
	line?: number,
): CarbonIntensity[] {
	const value = actual ?? forecast;
	return value === undefined
		? []
		: [
				{
					zone,
					time,
					intensity_g_per_kwh: value,
					accounting: "average",
					basis: "direct",
					estimated: actual === undefined,
					file,
					...(line === undefined ? {} : { line }),
				},
			];
}

function ofWattTime(
	file: string,
	zone: string,
	signal: "co2_moer" | "co2_aoer",
	{ point_time, value }: { readonly point_time: string; readonly value: number },
): CarbonIntensity {
	return {
		zone,
		time: dated(file, undefined, "point_time", point_time),
		intensity_g_per_kwh: (value * g_per_lb) / 1000,
		accounting: signal === "co2_moer" ? "marginal" : "average",
		basis: "direct",
		file,
	};
}

function fromCsv(file: string, bytes: Buffer): CarbonIntensity[] {
	const { header, rows } = csvTable(file, bytes);
	const column = (pattern: RegExp) => header.find((name) => pattern.test(name));
	const zoneId = column(/^zone id$/i);
	const time = column(/^(datetime( \(utc\))?|timestamp)$/i);
	if (time === undefined) throw new InputError({ file, line: 1, rule: forms });
	const timeOf = (row: CsvRow) => dated(file, row.line, time, textField(row, time));
	if (zoneId !== undefined) {
		const bases = [
			["direct", column(/^carbon intensity .*\(direct\)$/i)],
			["lifecycle", column(/^carbon intensity .*\((lca|life cycle)\)$/i)],
		] as const;
		const estimated = column(/^data estimated$/i);
		return rows.flatMap((row) =>
			bases.flatMap(([basis, name]): CarbonIntensity[] => {
				const value = name === undefined ? undefined : optionalNumber(row, name, "not negative");
				if (value === undefined) return [];
				return [
					{
						zone: textField(row, zoneId),
						time: timeOf(row),
						intensity_g_per_kwh: value,
						accounting: "average",
						basis,
						...(estimated === undefined ? {} : { estimated: /^true$/i.test(row.values[estimated] ?? "") }),
						file,
						line: row.line,
					},
				];
			}),
		);
	}
	const moer = column(/^moer$/i);
	if (moer !== undefined) {
		// WattTime's yearly archive has a file a region and month: CAISO_NORTH_2023-01_MOER.csv.
		const zone = basename(file).replace(/_\d{4}(-\d{2})?.*$|\.csv(\.gz)?$/, "");
		return rows.map((row) => ({
			zone,
			time: timeOf(row),
			intensity_g_per_kwh: (numberField(row, moer, "not negative") * g_per_lb) / 1000,
			accounting: "marginal",
			basis: "direct",
			file,
			line: row.line,
		}));
	}
	const actual = column(/^(actual.*|carbon_intensity)$/i);
	const forecast = column(/^forecast.*$/i);
	if (actual === undefined && forecast === undefined) throw new InputError({ file, line: 1, rule: forms });
	const given = (row: CsvRow, name: string | undefined) =>
		name === undefined ? undefined : optionalNumber(row, name, "not negative");
	return rows.flatMap((row) => nesoValue(file, "GB", timeOf(row), given(row, actual), given(row, forecast), row.line));
}

function dated(file: string, line: number | undefined, field: string, text: string): { readonly datetime_utc: string } {
	const instant = readInstant(text);
	if (instant.status === "instant") return { datetime_utc: isoSeconds(instant.at_ms) };
	const rule = instant.status === "fault" ? instant.rule : "must be one time";
	throw new InputError({ file, ...(line === undefined ? {} : { line }), field, rule, value: text });
}
