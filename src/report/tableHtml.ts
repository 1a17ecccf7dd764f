/** Text as HTML: the five characters that mean something are escaped. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What a table needs of a frame: danfojs' DataFrame has it. */
export interface FrameLike {
	readonly columns: readonly string[];
	readonly values: unknown;
}

/**
 * A frame as an HTML table: numbers to 4 significant digits and right-aligned, a missing value as a dash.
 * Inline styles, since GitHub strips style sheets. Rows past `maxRows` are counted below the table.
 */
export function tableHtml(frame: FrameLike, maxRows = 60): string {
	const rows = frame.values as readonly (readonly unknown[])[];
	const head = frame.columns.map((column) => `<th>${escapeHtml(column)}</th>`).join("");
	const body = rows
		.slice(0, maxRows)
		.map((row) => `<tr>${row.map(cell).join("")}</tr>`)
		.join("\n");
	const more = rows.length > maxRows ? `<p>${rows.length - maxRows} more of ${rows.length} rows</p>` : "";
	return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>${more}`;
}

function cell(value: unknown): string {
	if (typeof value === "number" && Number.isFinite(value)) return `<td align="right">${formatNumber(value)}</td>`;
	if (value === null || value === undefined || Number.isNaN(value)) return "<td>–</td>";
	return `<td>${escapeHtml(String(value))}</td>`;
}

/** A number to 4 significant digits; whole numbers below 1e9 in full. */
export function formatNumber(value: number): string {
	if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
	return String(Number(value.toPrecision(4)));
}
