import { createRequire } from "node:module";
import { type Figure, plotlyMime } from "./figure.js";
import { type FrameLike, tableHtml } from "./tableHtml.js";

/** Shows a figure in the notebook: interactive in JupyterLab and the report; `report` adds the static image. */
export function showFigure(figure: Figure): void {
	kernelDisplay().raw(plotlyMime, figure);
}

/** Shows a danfojs frame as an HTML table, its first `maxRows` rows. */
export function showTable(frame: FrameLike, maxRows?: number): void {
	kernelDisplay().html(tableHtml(frame, maxRows));
}

/** Shows Markdown. */
export function showMarkdown(text: string): void {
	kernelDisplay().markdown(text);
}

/** The part of tslab's Display in use; `raw` takes JSON MIME types as objects, which tslab's own types leave out. */
interface KernelDisplay {
	html(text: string): void;
	markdown(text: string): void;
	raw(mime: string, content: object): void;
}

function kernelDisplay(): KernelDisplay {
	// Loaded when shown: tslab brings a TypeScript compiler, which nothing outside a notebook needs.
	return (createRequire(import.meta.url)("tslab") as { display: KernelDisplay }).display;
}
