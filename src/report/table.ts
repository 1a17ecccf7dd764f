import { type Format, significant } from "./format.js";

/** What a cell of a table says; null and undefined stand for a missing value. */
export type Cell = string | number | boolean | null | undefined;

/** A column of a table of raw rows: its title with unit, what of a row it shows, and how its numbers are written. */
export interface Column<Row> {
	readonly title: string;
	readonly of: (row: Row) => Cell;
	/** 4 significant digits where not given. */
	readonly format?: Format;
}

/** A table as it is shown: the last step, from which no number can be had. */
export interface Table {
	readonly titles: readonly string[];
	/** Texts by row and column; numbers stand to the right. */
	readonly rows: readonly (readonly { readonly text: string; readonly numeric: boolean }[])[];
}

/**
 * A table of raw rows, by a description of its columns. A column in which no row has anything is left out.
 *
 * @param rows results, as a study gives them: nothing rounded
 * @example
 * const rows = [{ rate_rps: 5, energy_j: 1.23456 }, { rate_rps: 10, energy_j: undefined }];
 * const energies = report.table(rows, [
 * 	{ title: "load (1/s)", of: (row) => row.rate_rps },
 * 	{ title: "energy (J)", of: (row) => row.energy_j },
 * ]);
 * report.tableText(energies); // → ["load (1/s)  energy (J)", "5           1.235", "10          –"]
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Table {
	const shown = columns.filter(({ of }) => rows.some((row) => (of(row) ?? "") !== ""));
	return {
		titles: shown.map(({ title }) => title),
		rows: rows.map((row) => shown.map(({ of, format }) => cell(of(row), format))),
	};
}

function cell(value: Cell, format: Format = significant): Table["rows"][number][number] {
	if (value === null || value === undefined || Number.isNaN(value)) return { text: "–", numeric: false };
	return typeof value === "number" && Number.isFinite(value)
		? { text: format(value), numeric: true }
		: { text: String(value), numeric: false };
}

/** A table as lines of text under its titles. */
export function tableText({ titles, rows }: Table): string[] {
	return alignedText([titles, ...rows.map((row) => row.map(({ text }) => text))]);
}

/** Rows of texts as lines, each column as wide as its widest text. */
export function alignedText(rows: readonly (readonly string[])[]): string[] {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) =>
		row
			.map((text, column) => text.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd(),
	);
}

/** A table as HTML, its first `maxRows` rows. Inline alignment, since GitHub strips style sheets. */
export function tableHtml({ titles, rows }: Table, maxRows = 60): string {
	const head = titles.map((title) => `<th>${escapeHtml(title)}</th>`).join("");
	const body = rows
		.slice(0, maxRows)
		.map(
			(row) =>
				`<tr>${row.map(({ text, numeric }) => `<td${numeric ? ' align="right"' : ""}>${escapeHtml(text)}</td>`).join("")}</tr>`,
		)
		.join("\n");
	const more = rows.length > maxRows ? `<p>${rows.length - maxRows} more of ${rows.length} rows</p>` : "";
	return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>${more}`;
}

/** Text as HTML: the five characters that mean something are escaped. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What a table needs of a frame: danfojs' DataFrame has it. */
export interface FrameLike {
	readonly columns: readonly string[];
	readonly values: unknown;
}
