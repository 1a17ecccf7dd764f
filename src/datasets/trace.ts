import { InputError } from "../errors.js";
import { atMost, numberField, readCsv, textField } from "./csv.js";
import { gunzip, readBytes } from "./file.js";

/** What the columns hold: 32 bits with a sign. */
const mostCount = 2 ** 31 - 1;

/** A named stretch of a trace, per second. */
export interface TraceWindow {
	readonly name: string;
	/** 0-based second of the full trace that each second replays. */
	readonly trace_index: Int32Array;
	/** Requests in the second, as recorded. */
	readonly raw_count: Int32Array;
	/** Requests per second as replayed: the count divided by 8 and cut to a whole number. */
	readonly rps_damped8: Int32Array;
}

/**
 * Requests in each second of a trace: a text file, plain or gzip, of one whole number of 0 or more a line. Throws
 * InputError with the line of the first that is not.
 *
 * @example
 * const twitter = await datasets.readTrace(`${datasets.dataRoot}/raw/twitter/twitter-per-second.txt.gz`);
 * twitter.length; // → 1899061
 */
export async function readTrace(file: string): Promise<Int32Array> {
	const bytes = gunzip(file, await readBytes(file));
	if (bytes.length === 0) throw new InputError({ file, rule: "must not be empty" });
	// Read off the bytes: as lines of text a trace of a few megabytes takes hundreds.
	const counts = new Int32Array(bytes.length);
	let lines = 0;
	for (let from = 0; from < bytes.length; ) {
		const found = bytes.indexOf(10, from);
		const end = found < 0 ? bytes.length : found;
		counts[lines] = countAt(file, bytes, lines + 1, from, bytes[end - 1] === 13 && end > from ? end - 1 : end);
		lines++;
		from = end + 1;
	}
	return counts.slice(0, lines);
}

/**
 * A load of one's own, requests in each second: a table with the column requests (FILE.csv, plain or gzip), or a text with a
 * whole number a line.
 *
 * @throws InputError with the line of the first row that is none
 */
export async function readLoad(file: string): Promise<Int32Array> {
	if (!/\.csv(\.gz)?$/i.test(file)) return readTrace(file);
	const { rows } = await readCsv(file);
	return Int32Array.from(rows, (row) => atMost(row, "requests", mostCount, numberField(row, "requests", "whole")));
}

/** The whole number of 1 to 9 digits that stands between two positions. */
function countAt(file: string, bytes: Buffer, line: number, from: number, to: number): number {
	let count = 0;
	for (let i = from; i < to; i++) {
		const digit = (bytes[i] as number) - 48;
		if (digit < 0 || digit > 9) count = Number.NaN;
		count = 10 * count + digit;
	}
	if (to === from || to - from > 9 || Number.isNaN(count)) {
		const value = bytes.toString("latin1", from, Math.min(to, from + 100));
		throw new InputError({ file, line, rule: "must be a whole number of requests, 0 or more", value });
	}
	return count;
}

/**
 * The windows of a table with the columns window, second, trace_index, raw_count and rps_damped8, by name. Throws
 * InputError where a second is missing, repeated or out of order.
 *
 * @example
 * const windows = await datasets.readWindows(`${datasets.dataRoot}/raw/twitter/twitter-workload-windows.csv`);
 * [...windows.keys()]; // → ["bursty", "steady_low", "steady_high", "fluctuating"]
 */
export async function readWindows(file: string): Promise<ReadonlyMap<string, TraceWindow>> {
	const rows = new Map<string, { index: number; raw: number; damped: number }[]>();
	for (const row of (await readCsv(file)).rows) {
		const name = textField(row, "window");
		const seconds = rows.get(name) ?? [];
		rows.set(name, seconds);
		const second = numberField(row, "second", "whole");
		if (second !== seconds.length)
			throw new InputError({
				file,
				line: row.line,
				field: "second",
				rule: `must be ${seconds.length}, the next of window ${name}`,
				value: second,
			});
		const count = (column: string) => atMost(row, column, mostCount, numberField(row, column, "whole"));
		seconds.push({ index: count("trace_index"), raw: count("raw_count"), damped: count("rps_damped8") });
	}
	return new Map(
		[...rows].map(([name, seconds]) => [
			name,
			{
				name,
				trace_index: Int32Array.from(seconds, ({ index }) => index),
				raw_count: Int32Array.from(seconds, ({ raw }) => raw),
				rps_damped8: Int32Array.from(seconds, ({ damped }) => damped),
			},
		]),
	);
}
