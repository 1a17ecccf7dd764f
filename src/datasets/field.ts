import type { ZodError } from "zod";
import { InputError } from "../errors.js";
import type { CsvRow } from "./csv.js";

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
	if (text === undefined)
		throw new InputError({ file: row.file, line: row.line, field: column, rule: "must not be empty" });
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
	if (rule !== undefined) throw new InputError({ file: row.file, line: row.line, field, rule, value: received });
	return value;
}

/** The value itself; an error where it is above what it can be. */
export function atMost<T extends number | undefined>(row: CsvRow, field: string, most: number, value: T): T {
	if (value !== undefined && value > most)
		throw new InputError({ file: row.file, line: row.line, field, rule: `must be at most ${most}`, value });
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

/**
 * The first fault that a schema found, as bad input: the field's path, the rule that it breaks and, where the content is
 * given, the value that stands there.
 */
export function schemaFault(file: string, { issues }: ZodError, content?: unknown): InputError {
	const [issue] = issues;
	const path = issue?.path ?? [];
	// Of a name that is none, what is wrong with it.
	const rule = (issue?.code === "invalid_key" ? issue.issues[0]?.message : issue?.message) ?? "must match the schema";
	const field = path.join(".");
	const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], content);
	return new InputError({
		file,
		...(field === "" ? {} : { field }),
		rule,
		...(value === undefined ? {} : { value }),
	});
}
