import { join } from "node:path";
import { isoSeconds, isTimeZone, readInstant } from "../carbon/instants.js";
import { InputError } from "../errors.js";
import { type CsvRow, numberField, optionalText, readCsv, textField } from "./csv.js";
import { readProvenance } from "./provenance.js";

/** A value of a table, its place, and when its interval begins. */
export interface TimedValue<Stated> {
	readonly zone: string;
	/** Start of the interval, UTC; or the number of its hour from the start of a series that is not dated. */
	readonly time: { readonly datetime_utc: string } | { readonly hour: number };
	readonly value: number;
	/** What the provenance states of the column. */
	readonly stated: Stated;
	/** Whether the provider estimated the value; absent where the source does not say. */
	readonly estimated?: boolean;
	readonly file: string;
	readonly line: number;
}

/** What of a table is wanted, where not all of it is: the other values are not looked at. */
export interface TimedPart {
	readonly zones?: readonly string[];
	/** From and before these instants; of a series that is not dated, from and before these hours, in ms. */
	readonly from_ms?: number;
	readonly to_ms?: number;
}

/** How a provenance file states a column of times: "time, UTC" or "time, Europe/Berlin". */
const timeUnit = /^time, (\S+)$/;

/**
 * Every value of a dataset folder in the columns whose units `stated` knows, with its zone and time. The zone is column
 * `zone` or `series`; where a table has neither, each stated column is a zone of its own, and an empty field is a value
 * that is missing. The time is the column stated as "time, ZONE", else `datetime_utc` (UTC, or with an offset), else
 * `hour`. Local times come by their zone's clock: the hour that comes twice in autumn is told apart by the rows' order.
 *
 * @param stated what a column's unit says, or undefined where the column is of another kind
 * @throws InputError on a bad row, or where a zone has a time twice
 */
export async function timedValues<Stated>(
	folder: string,
	stated: (unit: string) => Stated | undefined,
	range: "not negative" | "none",
	{ zones, from_ms = Number.NEGATIVE_INFINITY, to_ms = Number.POSITIVE_INFINITY }: TimedPart = {},
): Promise<TimedValue<Stated>[]> {
	const { units, files } = await readProvenance(folder);
	const columns = Object.entries(units).flatMap(([column, unit]): [string, Stated][] => {
		const of = stated(unit);
		return of === undefined ? [] : [[column, of]];
	});
	const timeColumn = Object.entries(units).find(([, unit]) => timeUnit.test(unit));
	const timeZone = timeColumn === undefined ? "UTC" : (timeUnit.exec(timeColumn[1])?.[1] ?? "UTC");
	if (!isTimeZone(timeZone))
		throw new InputError({
			file: join(folder, "provenance.yaml"),
			field: `units.${timeColumn?.[0] ?? ""}`,
			rule: 'must be "time, " and the name of a time zone (UTC, Europe/Berlin)',
			value: timeZone,
		});
	const found: TimedValue<Stated>[] = [];
	for (const { name } of files) {
		const { header, rows } = await readCsv(join(folder, name));
		const zoneColumn = header.includes("zone") ? "zone" : header.includes("series") ? "series" : undefined;
		const dateColumn = timeColumn?.[0] ?? (header.includes("datetime_utc") ? "datetime_utc" : undefined);
		const states = header.includes("estimated");
		const zoneOf = (row: CsvRow) => (zoneColumn === undefined ? "" : textField(row, zoneColumn));
		const at =
			dateColumn === undefined
				? rows.map((row) => numberField(row, "hour", "whole") * 3_600_000)
				: instants(rows, dateColumn, timeZone, zoneOf);
		const seen = new Map<string, number>();
		rows.forEach((row, i) => {
			const zone = zoneOf(row);
			const at_ms = at[i]!;
			const key = `${zone}\n${at_ms}`;
			const first = seen.get(key);
			if (first !== undefined)
				throw new InputError({
					file: row.file,
					line: row.line,
					rule: `must not repeat the zone and hour of line ${first}`,
				});
			seen.set(key, row.line);
			const estimated = states ? { estimated: booleanField(row, "estimated") } : {};
			if (at_ms < from_ms || at_ms >= to_ms) return;
			if (zoneColumn !== undefined && zones?.includes(zone) === false) return;
			const time = dateColumn === undefined ? { hour: at_ms / 3_600_000 } : { datetime_utc: isoSeconds(at_ms) };
			for (const [column, of] of columns) {
				if (zoneColumn === undefined && zones?.includes(column) === false) continue;
				if (zoneColumn === undefined && optionalText(row, column) === undefined) continue;
				found.push({
					zone: zoneColumn === undefined ? column : zone,
					time,
					value: numberField(row, column, range),
					stated: of,
					...estimated,
					file: row.file,
					line: row.line,
				});
			}
		});
	}
	return found;
}

/** The instant of every row, ms. */
function instants(
	rows: readonly CsvRow[],
	column: string,
	timeZone: string,
	zoneOf: (row: CsvRow) => string,
): readonly number[] {
	const read = rows.map((row) => ({ row, text: textField(row, column), zone: zoneOf(row) }));
	// Newest first is usual too: then the later of two equal clock times comes first.
	const texts = read.map(({ text }) => text);
	const newestFirst = (texts[0] ?? "") > (texts.at(-1) ?? "");
	const total = new Map<string, number>();
	for (const { zone, text } of read) total.set(`${zone}\n${text}`, (total.get(`${zone}\n${text}`) ?? 0) + 1);
	const shown = new Map<string, number>();
	return read.map(({ row, text, zone }) => {
		const instant = readInstant(text, timeZone);
		if (instant.status === "instant") return instant.at_ms;
		if (instant.status === "fault")
			throw new InputError({ file: row.file, line: row.line, field: column, rule: instant.rule, value: text });
		const key = `${zone}\n${text}`;
		const nth = (shown.get(key) ?? 0) + 1;
		shown.set(key, nth);
		const many = total.get(key) ?? 1;
		if (many !== 2)
			throw new InputError({
				file: row.file,
				line: row.line,
				field: column,
				rule: `must stand twice, or have an offset: a clock in ${timeZone} showed it twice, and it is there ${many === 1 ? "once" : `${many} times`}`,
				value: text,
			});
		return (nth === 1) === newestFirst ? instant.later_ms : instant.earlier_ms;
	});
}

function booleanField(row: CsvRow, column: string): boolean {
	const text = textField(row, column);
	if (text !== "true" && text !== "false")
		throw new InputError({ file: row.file, line: row.line, field: column, rule: "must be true or false", value: text });
	return text === "true";
}
