import { collectFaults } from "../errors.js";
import {
	type CsvRow,
	type CsvTable,
	numberField,
	oneOf,
	optionalNumber,
	optionalText,
	type Range,
	readCsv,
	textField,
} from "./csv.js";

/** What a column of a described table holds: a number in a range, a text, one of several texts; with `?` it may be empty. */
export type Column = Range | "text" | `${Range | "text"}?` | readonly string[];

type Value<C> = C extends readonly (infer Text)[] ? Text : C extends "text" | "text?" ? string : number;
type Optional<C> = { [Name in keyof C]: C[Name] extends `${string}?` ? Name : never }[keyof C];

/** A row of a table as its description has it; a field that may be empty and is has no key. */
export type Described<C> = { readonly [Name in Exclude<keyof C, Optional<C>>]: Value<C[Name]> } & {
	readonly [Name in Optional<C>]?: Value<C[Name]>;
};

/**
 * The rows of a table whose columns are described; further columns are left alone.
 *
 * @throws InputError of every field that breaks its rule
 * @example
 * const jobs = await readRows("jobs.csv", { name: "text", start_min: "whole", "energy_j": "positive?", kind: ["batch", "web"] });
 */
export async function readRows<const C extends Readonly<Record<string, Column>>>(
	file: string,
	columns: C,
): Promise<Described<C>[]> {
	return describedRows(await readCsv(file), columns).map(([values]) => values);
}

/** The same of a table that was read already, each with the row itself. */
export function describedRows<const C extends Readonly<Record<string, Column>>>(
	{ rows }: Pick<CsvTable, "rows">,
	columns: C,
): (readonly [Described<C>, CsvRow])[] {
	const faults = collectFaults();
	const read = rows.map((row) => {
		const values: Record<string, unknown> = {};
		for (const [name, column] of Object.entries(columns)) {
			const value = faults.attempt(() => described(row, name, column));
			if (value !== undefined) values[name] = value;
		}
		return [values as Described<C>, row] as const;
	});
	faults.refuse();
	return read;
}

function described(row: CsvRow, name: string, column: Column): number | string | undefined {
	if (column === "text") return textField(row, name);
	if (column === "text?") return optionalText(row, name);
	if (typeof column === "object") return oneOf(row, name, column);
	return column.endsWith("?")
		? optionalNumber(row, name, column.slice(0, -1) as Range)
		: numberField(row, name, column as Range);
}
