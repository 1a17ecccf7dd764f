import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Notebook } from "./ipynb.js";
import { reportHtml } from "./reportHtml.js";

/** Writes an executed notebook as a self-contained HTML page, aside first and then in place. */
export function writeReport(notebook: Notebook, file: string): void {
	const plotly = readFileSync(createRequire(import.meta.url).resolve("plotly.js-dist-min"), "utf8");
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(`${file}.part`, reportHtml(notebook, plotly));
	renameSync(`${file}.part`, file);
}
