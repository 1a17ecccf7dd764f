import { isUtf8 } from "node:buffer";
import { parse } from "csv-parse/sync";
import { InputError } from "../errors.js";
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

/** Longest record accepted, bytes: a real row has a few hundred. */
const maxRecordBytes = 1_000_000;
/** What a table may hold: the largest shipped one has 87,600 rows of 7 fields. */
const maxRows = 1_000_000;
const maxColumns = 1000;
const maxFields = 20_000_000;

/**
 * Reads a comma-separated file with a header line, as RFC 4180 has it: quotes, CRLF or LF, a UTF-8 byte order mark and
 * gzip are fine, an apostrophe before a formula is taken away (csvField), and rows whose fields are all empty, which Excel writes, are left out. Everything else that is not such a table throws InputError with the line: no header, no rows, repeated
 * or empty column names, rows of another length, semicolons, bytes that are not UTF-8, NUL bytes, cut gzip.
 */
export async function readCsv(file: string): Promise<CsvTable> {
	return csvTable(file, gunzip(file, await readBytes(file)));
}

/** The table that a file's bytes hold, as readCsv reads them. */
export function csvTable(file: string, bytes: Uint8Array): CsvTable {
	const text = decoded(file, bytes);
	if (text.trim() === "") throw new InputError({ file, rule: "must not be empty" });
	const records = parsed(file, text);
	const header = (records[0]?.record ?? []).map(plainField);
	checkHeader(file, header, records[0]?.line ?? 1);
	if (records.length - 1 > maxRows) throw new InputError({ file, rule: `must have at most ${maxRows} rows` });
	if (records.length * header.length > maxFields)
		throw new InputError({
			file,
			rule: `must have at most ${maxFields} fields`,
			value: records.length * header.length,
		});
	const filled = records.slice(1).filter(({ record }) => record.some((field) => field.trim() !== ""));
	const rows = filled.map(({ record, line }): CsvRow => {
		if (record.length !== header.length)
			throw new InputError({
				file,
				line,
				rule: `must have ${header.length} fields as the header has`,
				value: record.length,
			});
		return {
			file,
			line,
			values: Object.fromEntries(header.map((name, i) => [name, plainField((record[i] as string).trim())])),
		};
	});
	if (rows.length === 0) throw new InputError({ file, rule: "must have at least one row below the header" });
	return { file, header, rows };
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
	if (header.length === 1 && /[;\t]/.test(header[0] as string)) fault("must be separated by commas", header[0]);
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
