import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { systemFault } from "../datasets/file.js";
import { InputError } from "../errors.js";
import type { Notebook } from "./ipynb.js";
import { reportHtml } from "./reportHtml.js";

/**
 * Writes an executed notebook as a self-contained HTML page, aside first and then in place.
 *
 * @param source the notebook's file, named where a cell of it is at fault
 * @throws InputError where a cell cannot be shown, or the file cannot be written
 */
export function writeReport(notebook: Notebook, file: string, source = "notebook"): void {
	const plotly = readFileSync(createRequire(import.meta.url).resolve("plotly.js-dist-min"), "utf8");
	try {
		const html = reportHtml(notebook, plotly);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(`${file}.part`, html);
		renameSync(`${file}.part`, file);
	} catch (error) {
		if (error instanceof InputError) throw new InputError({ ...error.fault, file: source }, { cause: error.cause });
		throw systemFault(error, file);
	}
}
