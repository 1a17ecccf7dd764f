import type { FrameValue } from "../../report/frames.js";
import { formatNumber } from "../../report/tableHtml.js";

/** Rows as lines of text under their columns' names: numbers to 4 significant digits, a missing value as a dash. */
export function textTable(rows: readonly Readonly<Record<string, FrameValue>>[]): string[] {
	const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
	const cells = rows.map((row) =>
		columns.map((column) => {
			const value = row[column];
			return typeof value === "number"
				? formatNumber(value)
				: value === null || value === undefined
					? "-"
					: String(value);
		}),
	);
	const widths = columns.map((column, c) => Math.max(column.length, ...cells.map((row) => row[c]?.length ?? 0)));
	return [columns, ...cells].map((row) =>
		row
			.map((cell, c) => cell.padEnd(widths[c] ?? 0))
			.join("  ")
			.trimEnd(),
	);
}
