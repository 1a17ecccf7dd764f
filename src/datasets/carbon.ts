import { join } from "node:path";
import { InputError } from "../errors.js";
import { type CsvRow, readCsv } from "./csv.js";
import { numberField, textField } from "./field.js";
import { readProvenance } from "./provenance.js";

/** Carbon intensity of a zone's electricity in one hour. */
export interface CarbonIntensity {
	readonly zone: string;
	/** Start of the hour; or its number from the start of a series that is not dated. */
	readonly time: { readonly datetime_utc: string } | { readonly hour: number };
	readonly intensity_g_per_kwh: number;
	/** Of all that generates (average), or of what one more kWh would set running (marginal): never mixed. */
	readonly accounting: "average" | "marginal";
	/** Of the fuel burnt (direct), or of building and supplying the plants too (lifecycle). */
	readonly basis: "direct" | "lifecycle" | "unstated";
	/** Whether the provider estimated the hour; absent where the source does not say. */
	readonly estimated?: boolean;
}

type Reading = Pick<CarbonIntensity, "accounting" | "basis">;

/** How a provenance file states an intensity column's unit: "g/kWh, average, direct". */
const unitPattern = /^g\/kWh, (average|marginal)(?:, (direct|lifecycle))?$/;

/**
 * Hourly intensities of a dataset folder, all zones and bases. Its provenance file states each intensity column's unit,
 * accounting and basis ("g/kWh, average, direct"); the zone is column `zone` or `series`, the time `datetime_utc` or
 * `hour`. Throws InputError where no column is so stated, where average and marginal columns meet, or on a bad row.
 */
export async function readCarbonIntensity(folder: string): Promise<CarbonIntensity[]> {
	const { units, files } = await readProvenance(folder);
	const provenanceFile = join(folder, "provenance.yaml");
	const columns = Object.entries(units).flatMap(([column, unit]): [string, Reading][] => {
		const [, accounting, basis] = unitPattern.exec(unit) ?? [];
		if (accounting === undefined) return [];
		return [[column, { accounting, basis: basis ?? "unstated" } as Reading]];
	});
	if (columns.length === 0)
		throw new InputError({
			file: provenanceFile,
			field: "units",
			rule: 'must state a column in "g/kWh, average" or "g/kWh, marginal", with ", direct" or ", lifecycle" where known',
		});
	refuseMixed(
		provenanceFile,
		columns.map(([, reading]) => reading),
	);
	const found: CarbonIntensity[] = [];
	for (const { name } of files) {
		const table = await readCsv(join(folder, name));
		const seen = new Map<string, number>();
		const zoneColumn = table.header.includes("zone") ? "zone" : "series";
		const dated = table.header.includes("datetime_utc");
		const states = table.header.includes("estimated");
		for (const row of table.rows) {
			const zone = textField(row, zoneColumn);
			const time = dated ? { datetime_utc: datetimeField(row) } : { hour: numberField(row, "hour", "whole") };
			const key = JSON.stringify([zone, time]);
			const first = seen.get(key);
			if (first !== undefined)
				throw new InputError({
					file: row.file,
					line: row.line,
					rule: `must not repeat the zone and hour of line ${first}`,
				});
			seen.set(key, row.line);
			const estimated = states ? { estimated: booleanField(row, "estimated") } : {};
			for (const [column, reading] of columns)
				found.push({
					zone,
					time,
					intensity_g_per_kwh: numberField(row, column, "not negative"),
					...reading,
					...estimated,
				});
		}
	}
	return found;
}

/**
 * The hours of one zone on one basis, in the order of the source. Throws InputError where there are none, or where
 * average and marginal intensities meet: they answer different questions, and a sum over both answers none.
 */
export function intensitySeries(
	intensities: readonly CarbonIntensity[],
	zone: string,
	basis: CarbonIntensity["basis"],
): CarbonIntensity[] {
	refuseMixed("intensities", intensities);
	const series = intensities.filter((given) => given.zone === zone && given.basis === basis);
	if (series.length === 0)
		throw new InputError({
			file: "intensities",
			field: "zone",
			rule: `must have hours on the basis ${basis}`,
			value: zone,
		});
	return series;
}

function refuseMixed(file: string, readings: readonly Reading[]): void {
	const kinds = [...new Set(readings.map(({ accounting }) => accounting))];
	if (kinds.length > 1)
		throw new InputError({
			file,
			field: "accounting",
			rule: "must not mix average and marginal intensities",
			value: kinds,
		});
}

function datetimeField(row: CsvRow): string {
	const text = textField(row, "datetime_utc");
	const iso = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}Z?$/.test(text)
		? `${text.slice(0, 10)}T${text.slice(11, 19)}Z`
		: "";
	const time = new Date(iso);
	// A day that the month does not have rolls over instead of failing, so what is read must come back.
	if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 19) !== iso.slice(0, 19))
		throw new InputError({
			file: row.file,
			line: row.line,
			field: "datetime_utc",
			rule: "must be a time as 2023-01-31 13:00:00",
			value: text,
		});
	return iso;
}

function booleanField(row: CsvRow, column: string): boolean {
	const text = textField(row, column);
	if (text !== "true" && text !== "false")
		throw new InputError({ file: row.file, line: row.line, field: column, rule: "must be true or false", value: text });
	return text === "true";
}
