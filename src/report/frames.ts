import { createRequire } from "node:module";
import { InputError } from "../errors.js";
import { missingPart } from "../parts.js";
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
 * A danfojs DataFrame of row objects: a column for every key, in the order of first appearance.
 * A missing value becomes null (danfojs counts it as missing); booleans stay booleans.
 *
 * danfojs sorts in quadratic time and its multi-key groupby and merge join keys into ambiguous strings: use it to
 * select, describe, query, print and write CSV. The whole configuration space stays in typed arrays.
 *
 * @throws InputError for no rows, no columns, more than 1e5 rows, or where danfojs-node is not installed.
 */
export function frame(rows: readonly Readonly<Record<string, FrameValue>>[]): Frame {
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

function loadDanfo(): typeof import("danfojs-node") {
	try {
		return createRequire(import.meta.url)("danfojs-node") as typeof import("danfojs-node");
	} catch (cause) {
		throw missingPart(["danfojs-node"], "a frame", cause);
	}
}
