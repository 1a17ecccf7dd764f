import { createRequire } from "node:module";
import { InputError } from "../errors.js";
import { missingPart } from "../parts.js";
import type { RawRow } from "./rawTable.js";
import type { FrameLike } from "./table.js";

/** A cell of a frame; null and undefined stand for a missing value. */
export type FrameValue = string | number | boolean | null | undefined;

/**
 * What is typed of a danfojs DataFrame; the rest of it is there at run time. Told here, since danfojs-node is installed only
 * by who makes frames, and its types with it.
 */
export interface Frame extends FrameLike {
	/** Rows and columns. */
	readonly shape: readonly number[];
	print(): void;
	head(rows?: number): Frame;
	tail(rows?: number): Frame;
	describe(): Frame;
	column(name: string): { readonly values: unknown };
}

const MAX_ROWS = 1e5;

/**
 * A danfojs DataFrame of raw rows: a column for every field, in the order of first appearance, nested fields as
 * `parent.child`; lists of things and series are left out. A missing value becomes null (danfojs counts it as missing);
 * booleans stay booleans, lists of values become texts.
 *
 * danfojs sorts in quadratic time and its multi-key groupby and merge join keys into ambiguous strings: use it to
 * select, describe, query, print and write CSV. The whole configuration space stays in typed arrays.
 *
 * @throws InputError for no rows, no columns, more than 1e5 rows, or where danfojs-node is not installed.
 * @example
 * const energies = notebook.frame([{ rate_rps: 5, energy: { value: 2, low: 1, high: 3 } }]);
 * energies.columns; // → ["rate_rps", "energy.value", "energy.low", "energy.high"]
 */
export function frame(given: readonly RawRow[]): Frame {
	const rows = given.map((row) => leaves(row));
	if (rows.length === 0) throw new InputError({ file: "frame", field: "rows", rule: "must have at least one row" });
	if (rows.length > MAX_ROWS)
		throw new InputError({ file: "frame", field: "rows", rule: "must have at most 1e5 rows", value: rows.length });
	const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
	if (columns.length === 0) throw new InputError({ file: "frame", field: "rows", rule: "must have a column" });
	// Loaded at the first frame: danfojs takes above a second, which a command without frames need not wait.
	return new (loadDanfo().DataFrame)(
		rows.map((row) => columns.map((column) => row[column] ?? null)),
		{ columns },
	);
}

/** The fields of a row that hold one value each, nested ones by their path. */
function leaves(row: object, path = ""): Record<string, FrameValue> {
	return Object.fromEntries(
		Object.entries(row).flatMap(([name, value]): [string, FrameValue][] => {
			const field = `${path}${name}`;
			if (Array.isArray(value)) return value.every((one) => typeof one !== "object") ? [[field, value.join(", ")]] : [];
			if (value === null || typeof value !== "object") return [[field, value as FrameValue]];
			return Object.getPrototypeOf(value) === Object.prototype ? Object.entries(leaves(value, `${field}.`)) : [];
		}),
	);
}

function loadDanfo(): typeof import("danfojs-node") {
	try {
		return createRequire(import.meta.url)("danfojs-node") as typeof import("danfojs-node");
	} catch (cause) {
		throw missingPart(["danfojs-node"], "a frame", cause);
	}
}
