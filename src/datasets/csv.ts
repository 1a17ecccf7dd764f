import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { InputError } from "../errors.js";

/** A data row: its 1-based line in the file, and its text by column. */
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

/** Longest record accepted, characters: a real row has a few hundred. */
const maxRecordCharacters = 1_000_000;

/**
 * Reads a comma-separated file with a header line, as RFC 4180 has it: quotes, CRLF or LF, a UTF-8 byte order mark and
 * gzip are fine. Everything else that is not such a table throws InputError with the line: no header, no rows, repeated
 * or empty column names, rows of another length, semicolons, bytes that are not UTF-8, NUL bytes, cut gzip.
 */
export async function readCsv(file: string): Promise<CsvTable> {
	const text = decoded(file, unzipped(file, await readFile(file)));
	if (text.trim() === "") throw new InputError({ file, rule: "must not be empty" });
	const records = parsed(file, text);
	const header = records[0]?.record ?? [];
	checkHeader(file, header);
	const rows = records.slice(1).map(({ record, line }): CsvRow => {
		if (record.length !== header.length)
			throw new InputError({
				file,
				line,
				rule: `must have ${header.length} fields as the header has`,
				value: record.length,
			});
		return { file, line, values: Object.fromEntries(header.map((name, i) => [name, (record[i] as string).trim()])) };
	});
	if (rows.length === 0) throw new InputError({ file, rule: "must have at least one row below the header" });
	return { file, header, rows };
}

function unzipped(file: string, bytes: Buffer): Buffer {
	if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
	try {
		return gunzipSync(bytes);
	} catch (cause) {
		throw new InputError({ file, rule: "must be whole gzip data (it is cut off or damaged)" }, { cause });
	}
}

function decoded(file: string, bytes: Buffer): string {
	const nul = bytes.indexOf(0);
	if (nul >= 0)
		throw new InputError({
			file,
			line: lineAt(bytes, nul),
			rule: "must not hold NUL bytes (UTF-16 text is to be saved as UTF-8)",
		});
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch (cause) {
		throw new InputError({ file, rule: "must be UTF-8 text" }, { cause });
	}
}

function lineAt(bytes: Buffer, position: number): number {
	let line = 1;
	for (let i = 0; i < position; i++) if (bytes[i] === 10) line++;
	return line;
}

function parsed(file: string, text: string): { record: string[]; line: number }[] {
	const lines: number[] = [];
	try {
		const records = parse(text, {
			bom: true,
			skip_empty_lines: true,
			relax_column_count: true,
			max_record_size: maxRecordCharacters,
			on_record: (record: string[], { lines: at }) => {
				lines.push(at);
				return record;
			},
		}) as string[][];
		return records.map((record, i) => ({ record, line: lines[i] as number }));
	} catch (cause) {
		const { code, lines: at } = cause as { code?: string; lines?: number };
		const rule =
			code === "CSV_MAX_RECORD_SIZE"
				? `must have records of at most ${maxRecordCharacters} characters`
				: code === "CSV_QUOTE_NOT_CLOSED"
					? "must close every quotation mark"
					: "must be comma-separated text (RFC 4180)";
		throw new InputError({ file, ...(at === undefined ? {} : { line: at }), rule }, { cause });
	}
}

function checkHeader(file: string, header: readonly string[]): void {
	const fault = (rule: string, value: unknown): never => {
		throw new InputError({ file, line: 1, rule, value });
	};
	if (header.length === 1 && /[;\t]/.test(header[0] as string)) fault("must be separated by commas", header[0]);
	header.forEach((name, i) => {
		if (name.trim() === "") fault(`column ${i + 1} must have a name`, name);
		if (name !== name.trim()) fault("column names must not begin or end with a space", name);
		if (header.indexOf(name) !== i) fault("column names must not repeat", name);
	});
}
