import { isUtf8 } from "node:buffer";
import { buffer } from "node:stream/consumers";
import { parse } from "csv-parse/sync";
import { attemptAll, InputError } from "../errors.js";
import { gunzip, readBytes } from "./file.js";

/** A data row: the 1-based line in the file that it begins on, and its text by column. */
export interface CsvRow {
	readonly file: string;
	readonly line: number;
	readonly values: Readonly<Record<string, string>>;
}

export interface CsvTable {
	readonly file: string;
	readonly header: readonly string[];
	readonly rows: readonly CsvRow[];
}

/** What `-` is called. */
const standardInput = "standard input";

/** Longest record accepted, bytes: a real row has a few hundred. */
const maxRecordBytes = 1_000_000;
/** What a table may hold: the largest shipped one has 87,600 rows of 7 fields. */
const maxRows = 1_000_000;
const maxColumns = 1000;
const maxFields = 20_000_000;

/**
 * Reads a comma-separated file with a header line, as RFC 4180 has it: quotes, CRLF or LF, a UTF-8 byte order mark and
 * gzip are fine, an apostrophe before a formula is taken away (csvField). What spreadsheets add is left out: a first line
 * `sep=,`, rows whose fields are all empty, columns at the end without a name or a value. Everything else that is not such a
 * table throws InputError with the line: no header, no rows, repeated or empty column names, rows of another length (all of
 * them at once), semicolons, bytes that are not UTF-8, NUL bytes, cut gzip. `-` is standard input.
 */
export async function readCsv(file: string): Promise<CsvTable> {
	if (file !== "-") return csvTable(file, gunzip(file, await readBytes(file)));
	return csvTable(standardInput, gunzip(standardInput, await buffer(process.stdin)));
}

/** The table that a file's bytes hold, as readCsv reads them. */
export function csvTable(file: string, bytes: Uint8Array): CsvTable {
	const text = decoded(file, bytes).replace(/^(?:"sep=,"|sep=,)(?=\n|$)/i, "");
	if (text.trim() === "") throw new InputError({ file, rule: "must not be empty" });
	const records = parsed(file, text);
	const filled = records.slice(1).filter(({ record }) => record.some((field) => field.trim() !== ""));
	const header = (records[0]?.record ?? []).map(plainField);
	// Spreadsheets keep the separators of columns that were emptied.
	const used = filled.reduce((most, { record }) => Math.max(most, lastFilled(record)), lastFilled(header));
	if (used < header.length) header.length = used;
	checkHeader(file, header, records[0]?.line ?? 1);
	if (records.length - 1 > maxRows) throw new InputError({ file, rule: `must have at most ${maxRows} rows` });
	if (records.length * header.length > maxFields)
		throw new InputError({
			file,
			rule: `must have at most ${maxFields} fields`,
			value: records.length * header.length,
		});
	const rows = attemptAll(filled, ({ record, line }): CsvRow => {
		const { length } = record;
		if (length < header.length || lastFilled(record) > header.length)
			throw new InputError({ file, line, rule: `must have ${header.length} fields as the header has`, value: length });
		const values = header.map((name, i) => [name, plainField((record[i] as string).trim())]);
		return { file, line, values: Object.fromEntries(values) };
	});
	if (rows.length === 0) throw new InputError({ file, rule: "must have at least one row below the header" });
	return { file, header, rows };
}

/** How many fields there are up to the last that is not empty. */
function lastFilled(record: readonly string[]): number {
	return record.findLastIndex((field) => field.trim() !== "") + 1;
}

function decoded(file: string, bytes: Uint8Array): string {
	const nul = bytes.indexOf(0);
	if (nul >= 0)
		throw new InputError({
			file,
			line: lineAt(bytes, nul),
			rule: "must not hold NUL bytes (UTF-16 text is to be saved as UTF-8)",
		});
	if (!isUtf8(bytes)) throw new InputError({ file, line: lineNotUtf8(bytes), rule: "must be UTF-8 text" });
	// TextDecoder drops a byte order mark. Line ends are made one kind, so that every line is counted once.
	const text = new TextDecoder().decode(bytes);
	return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

function lineNotUtf8(bytes: Uint8Array): number {
	let line = 1;
	for (let start = 0; ; line++) {
		const end = bytes.indexOf(10, start);
		if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
		start = end + 1;
	}
}

function lineAt(bytes: Uint8Array, position: number): number {
	let line = 1;
	for (let i = 0; i < position; i++) if (bytes[i] === 10) line++;
	return line;
}

function parsed(file: string, text: string): { record: string[]; line: number }[] {
	const ends: number[] = [];
	try {
		const records = parse(text, {
			skip_empty_lines: true,
			relax_column_count: true,
			record_delimiter: "\n",
			max_record_size: maxRecordBytes,
			// The header, and one more than there may be.
			to: maxRows + 2,
			on_record: (record: string[], { lines: end }) => {
				ends.push(end);
				return record;
			},
		}) as string[][];
		// The parser says where a record ends; a quoted field may hold line ends of its own.
		return records.map((record, i) => ({ record, line: (ends[i] as number) - lineEndsIn(record) }));
	} catch (cause) {
		const { code, lines: at } = cause as { code?: string; lines?: number };
		// An open quotation mark swallows the rest of the file, so the parser stops at its end: the record begins earlier.
		if (code === "CSV_QUOTE_NOT_CLOSED")
			throw new InputError(
				{ file, line: nextRecordLine(text, ends.at(-1) ?? 0), rule: "must close every quotation mark" },
				{ cause },
			);
		const rule =
			code === "CSV_MAX_RECORD_SIZE"
				? `must have records of at most ${maxRecordBytes} bytes`
				: "must be comma-separated text (RFC 4180)";
		throw new InputError({ file, ...(at === undefined ? {} : { line: at }), rule }, { cause });
	}
}

function lineEndsIn(record: readonly string[]): number {
	return record.reduce((sum, field) => sum + field.split("\n").length - 1, 0);
}

function nextRecordLine(text: string, after: number): number {
	const rest = text.split("\n").slice(after);
	return after + 1 + rest.findIndex((line) => line !== "");
}

function checkHeader(file: string, header: readonly string[], line: number): void {
	const fault = (rule: string, value: unknown): never => {
		throw new InputError({ file, line, rule, value });
	};
	const [separator] = /^sep=|[;\t]/i.exec(header[0] ?? "") ?? [];
	if (header.length === 1 && separator !== undefined)
		fault(
			`must be separated by commas, not ${separator === "\t" ? "tabs" : "semicolons"} (save it as comma-separated UTF-8, with decimal points)`,
			header[0],
		);
	if (header.length > maxColumns) fault(`must have at most ${maxColumns} columns`, header.length);
	header.forEach((name, i) => {
		if (name.trim() === "") fault(`column ${i + 1} must have a name`, name);
		if (name !== name.trim()) fault("column names must not begin or end with a space", name);
		if (header.indexOf(name) !== i) fault("column names must not repeat", name);
	});
}

/** A spreadsheet takes what begins so for a formula, and runs it. */
const formula = /^'*[=+\-@\t\r]/;

/**
 * A value as a field of comma-separated text (RFC 4180): quoted where it must be; nothing for undefined. A text that a
 * spreadsheet would take for a formula gets an apostrophe in front, which the spreadsheet takes for text and `plainField`
 * takes away again; a number stays one.
 */
export function csvField(value: unknown): string {
	if (value === undefined) return "";
	const given = String(value);
	const text = formula.test(given) && !Number.isFinite(Number(given)) ? `'${given}` : given;
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A field's text without the apostrophe that csvField puts in front of a formula. */
export function plainField(text: string): string {
	return text.startsWith("'") && formula.test(text) ? text.slice(1) : text;
}

/** What a number must be. `none`: any finite number. */
export type Range = "none" | "positive" | "not negative" | "positive integer" | "whole" | "percent";

/** One way to match each text: where the digits could be cut anywhere, 30,000 of them would take seconds. */
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

const holds: Record<Range, (value: number) => boolean> = {
	none: () => true,
	positive: (value) => value > 0,
	"not negative": (value) => value >= 0,
	"positive integer": (value) => Number.isSafeInteger(value) && value > 0,
	whole: (value) => Number.isSafeInteger(value) && value >= 0,
	percent: (value) => value >= 0 && value <= 100,
};

const wording: Record<Range, string> = {
	none: "must be a finite number",
	positive: "must be a number above 0",
	"not negative": "must be a number of 0 or more",
	"positive integer": "must be a whole number of 1 or more",
	whole: "must be a whole number of 0 or more",
	percent: "must be a number from 0 to 100",
};

/** The text of a column; an error where the column is missing or the field is empty. */
export function textField(row: CsvRow, column: string): string {
	const text = optionalText(row, column);
	if (text === undefined) throw rowFault(row, column, "must not be empty");
	return text;
}

/** The text of a column, or undefined where the field is empty; an error where the column is missing. */
export function optionalText(row: CsvRow, column: string): string | undefined {
	const text = Object.hasOwn(row.values, column) ? row.values[column] : undefined;
	if (text === undefined)
		throw new InputError({ file: row.file, line: 1, field: column, rule: "column must be present" });
	return text === "" ? undefined : text;
}

/** The text of a column that a table need not have, or undefined where it has none or the field is empty. */
export function optionalColumn(row: CsvRow, column: string): string | undefined {
	return Object.hasOwn(row.values, column) ? optionalText(row, column) : undefined;
}

/** A plain decimal number (no thousands separators, no NaN, no Infinity) in a range, or undefined where it is empty. */
export function optionalNumber(row: CsvRow, column: string, range: Range): number | undefined {
	const text = optionalText(row, column);
	if (text === undefined) return undefined;
	if (/^[+-]?\d+,\d+$/.test(text)) throw rowFault(row, column, "must have a decimal point, not a comma", text);
	return inRange(row, column, range, parseDecimal(text) ?? Number.NaN, text);
}

/** A plain finite decimal number, or undefined where the text is anything else (hex, NaN, Infinity, 1_000, ""). */
export function parseDecimal(text: string): number | undefined {
	const value = decimal.test(text) ? Number(text) : Number.NaN;
	return Number.isFinite(value) ? value : undefined;
}

/** The value itself; an error where it is not finite or out of range. `received` is what the message shows. */
export function inRange(row: CsvRow, field: string, range: Range, value: number, received: unknown = value): number {
	const rule = rangeFault(range, value);
	if (rule !== undefined) throw rowFault(row, field, rule, received);
	return value;
}

/** The value itself; an error where it is above what it can be. */
export function atMost<T extends number | undefined>(row: CsvRow, field: string, most: number, value: T): T {
	if (value !== undefined && value > most) throw rowFault(row, field, `must be at most ${most}`, value);
	return value;
}

/** No quantity of a table is larger, in whatever unit: 1 TWh is 3.6e15 J. A sum or a product of such stays a number. */
const mostSize = 1e16;

/** The rule that a value breaks, or undefined where it is finite and in range. */
export function rangeFault(range: Range, value: number): string | undefined {
	if (!(Number.isFinite(value) && holds[range](value))) return wording[range];
	return Math.abs(value) > mostSize ? `must be at most ${mostSize} in size` : undefined;
}

/** A number as optionalNumber reads it; an error where the field is empty. */
export function numberField(row: CsvRow, column: string, range: Range): number {
	textField(row, column);
	return optionalNumber(row, column, range) as number;
}

/** Bad input in a row: a column of it (or "" for the whole row), the rule and, where there is one, what was received. */
export function rowFault({ file, line }: Pick<CsvRow, "file" | "line">, field: string, rule: string, value?: unknown) {
	return new InputError({
		file,
		line,
		...(field === "" ? {} : { field }),
		rule,
		...(value === undefined ? {} : { value }),
	});
}

/** The text of a column, which must be one of several. */
export function oneOf<T extends string>(row: CsvRow, column: string, names: readonly T[]): T {
	const text = textField(row, column);
	const found = names.find((name) => name === text);
	if (found === undefined) throw rowFault(row, column, `must be one of ${names.join(", ")}`, text);
	return found;
}
