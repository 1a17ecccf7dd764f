import { createRequire } from "node:module";
import type { Perhaps } from "../outcome.js";
import { missingPart } from "../parts.js";
import { type FrameValue, frame } from "./frames.js";
import { type Figure, plotlyMime } from "./house.js";
import { escapeHtml, type FrameLike, plainTable, tableHtml } from "./table.js";

/** Shows a figure in the notebook: interactive in JupyterLab and the report; `report` adds the static image. Throws Error in a program. */
export function showFigure(figure: Figure): void {
	inNotebook((display) => display.raw(plotlyMime, figure));
}

/** Shows a danfojs frame as an HTML table, its first `maxRows` rows. Throws Error in a program. */
export function showTable(frame: FrameLike, maxRows?: number): void {
	inNotebook((display) => display.html(tableHtml(plainTable(frame), maxRows)));
}

/** Shows a table folded under a title that opens it: for long ones. Throws Error in a program. */
export function showFolded(title: string, frame: FrameLike): void {
	inNotebook((display) =>
		display.html(
			`<details class="table"><summary>${escapeHtml(title)}</summary>${tableHtml(plainTable(frame), Number.POSITIVE_INFINITY)}</details>`,
		),
	);
}

/** Shows Markdown in the notebook. Throws Error in a program. */
export function showMarkdown(text: string): void {
	inNotebook((display) => display.markdown(text));
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

/** Rows of a table, or a figure. */
export type Shown = Figure | readonly Readonly<Record<string, FrameValue>>[];

/** Shows a figure or a table where there is one, and otherwise why there is none. */
export function showOutcome(outcome: Perhaps<Shown>, maxRows?: number): void {
	if (outcome.status === "unavailable") showMarkdown(`**Unavailable**: ${outcome.reason}.`);
	else if (isFigure(outcome.value)) showFigure(outcome.value);
	else showTable(frame(outcome.value), maxRows);
}

function isFigure(shown: Shown): shown is Figure {
	return !Array.isArray(shown);
}
