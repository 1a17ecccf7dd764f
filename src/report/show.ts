import { createRequire } from "node:module";
import type { Perhaps } from "../outcome.js";
import { missingPart } from "../parts.js";
import { type Figure, plotlyMime } from "./house.js";
import { frameTable, type RawRow, rawTable } from "./rawTable.js";
import { escapeHtml, type FrameLike, tableHtml } from "./table.js";

/**
 * Shows a figure in the notebook, or why there is none: interactive in JupyterLab and the report; `report` adds the static
 * image. Throws Error in a program.
 *
 * @example
 * notebook.showFigure({ status: "unavailable", reason: "not measured" }); // throws "shows in a notebook alone"
 */
export function showFigure(figure: Figure | Perhaps<Figure>): void {
	if (!("status" in figure)) inNotebook((display) => display.raw(plotlyMime, figure));
	else if (figure.status === "unavailable") showReason(figure.reason);
	else showFigure(figure.value);
}

/** How a table is shown. */
export interface TableOptions {
	/** Rows shown; 60 where not given, all of a folded table. */
	readonly rows?: number;
	/** A title under which the table is folded. */
	readonly folded?: string;
	/** Why there may be no row; it is said in their place. */
	readonly none?: string;
}

/** What a table can be of: raw rows, an object whose fields are rows, a danfojs frame, or the reason why there is none. */
export type Shown = readonly RawRow[] | FrameLike | object | Perhaps<readonly RawRow[]>;

/**
 * Shows raw rows or a danfojs frame as an HTML table (see `rawTable`), or why there are none. Throws Error in a program.
 *
 * @example
 * notebook.showTable([{ rate_rps: 5 }]); // throws "shows in a notebook alone"
 */
export function showTable(shown: Shown, options: TableOptions = {}): void {
	const { rows, folded, none } = options;
	if (isPerhaps(shown)) {
		if (shown.status === "unavailable") showReason(shown.reason);
		else showTable(shown.value, options);
		return;
	}
	if (Array.isArray(shown) && shown.length === 0) {
		showReason(none ?? "there is no row");
		return;
	}
	const table = isFrame(shown) ? frameTable(shown) : rawTable(shown);
	const html = tableHtml(table, rows ?? (folded === undefined ? 60 : Number.POSITIVE_INFINITY));
	inNotebook((display) =>
		display.html(
			folded === undefined ? html : `<details class="table"><summary>${escapeHtml(folded)}</summary>${html}</details>`,
		),
	);
}

/**
 * Shows Markdown in the notebook. Throws Error in a program.
 *
 * @example
 * notebook.showMarkdown("**text**"); // throws "shows in a notebook alone"
 */
export function showMarkdown(text: string): void {
	inNotebook((display) => display.markdown(text));
}

function showReason(reason: string): void {
	showMarkdown(`**Unavailable**: ${reason}.`);
}

function isPerhaps(shown: Shown): shown is Perhaps<readonly RawRow[]> {
	return "status" in shown && (shown.status === "available" || shown.status === "unavailable");
}

function isFrame(shown: Shown): shown is FrameLike {
	return "columns" in shown && "values" in shown && Array.isArray(shown.columns);
}

/** The part of tslab's Display in use; `raw` takes JSON MIME types as objects, which tslab's own types leave out. */
interface KernelDisplay {
	html(text: string): void;
	markdown(text: string): void;
	raw(mime: string, content: object): void;
}

function loadTslab(): { readonly display: KernelDisplay } {
	try {
		return createRequire(import.meta.url)("tslab") as { readonly display: KernelDisplay };
	} catch (cause) {
		throw missingPart(["tslab"], "showing in a notebook", cause);
	}
}

function inNotebook(show: (display: KernelDisplay) => void): void {
	// Loaded when shown: tslab brings a TypeScript compiler, which nothing outside a notebook needs.
	const { display } = loadTslab();
	try {
		show(display);
	} catch (cause) {
		if (!(cause instanceof Error) || cause.message !== "Not ready") throw cause;
		const rule = "shows in a notebook alone (make lab); a program can use the figure, table or text itself";
		throw new Error(rule, { cause });
	}
}
