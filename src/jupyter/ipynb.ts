import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { checked } from "../datasets/checked.js";
import { unreadable } from "../datasets/file.js";
import { parseJson } from "../datasets/parseText.js";

const text = z
	.union([z.string(), z.array(z.string())])
	.transform((lines) => (Array.isArray(lines) ? lines.join("") : lines));

const outputSchema = z.discriminatedUnion("output_type", [
	z.looseObject({ output_type: z.literal("stream"), name: z.string(), text }),
	z.looseObject({
		output_type: z.literal("error"),
		ename: z.string(),
		evalue: z.string(),
		traceback: z.array(z.string()),
	}),
	z.looseObject({ output_type: z.literal("display_data"), data: z.record(z.string(), z.unknown()) }),
	z.looseObject({ output_type: z.literal("execute_result"), data: z.record(z.string(), z.unknown()) }),
]);

const cellSchema = z.discriminatedUnion("cell_type", [
	z.looseObject({ cell_type: z.literal("markdown"), source: text }),
	z.looseObject({ cell_type: z.literal("raw"), source: text }),
	z.looseObject({ cell_type: z.literal("code"), source: text, outputs: z.array(outputSchema) }),
]);

const notebookSchema = z.looseObject({ cells: z.array(cellSchema), nbformat: z.literal(4) });

/** A Jupyter notebook, format 4, with its multi-line strings joined. */
export type Notebook = z.infer<typeof notebookSchema>;
/** A cell of a notebook. */
export type NotebookCell = Notebook["cells"][number];
/** An output of a code cell. */
export type CellOutput = z.infer<typeof outputSchema>;

/**
 * Reads a notebook's JSON.
 * @throws InputError where it is not a notebook of format 4, naming the line or field.
 */
export function parseNotebook(json: string, file: string): Notebook {
	return checked(notebookSchema, parseJson(file, json), file);
}

/** Reads a notebook file; InputError where it is not there or is none. */
export function readNotebook(file: string): Notebook {
	let json: string;
	try {
		json = readFileSync(file, "utf8");
	} catch (error) {
		throw unreadable(file, error);
	}
	return parseNotebook(json, file);
}

/** Writes a notebook as Jupyter does (one space of indent, lines apart), aside first and then in place. */
export function writeNotebook(file: string, notebook: Notebook): void {
	const cells = notebook.cells.map((cell) => ({ ...cell, source: lines(cell.source), ...outputs(cell) }));
	writeFileSync(`${file}.part`, `${JSON.stringify({ ...notebook, cells }, sorted, 1)}\n`);
	renameSync(`${file}.part`, file);
}

function outputs(cell: NotebookCell): object {
	if (cell.cell_type !== "code") return {};
	return {
		outputs: cell.outputs.map((output) =>
			output.output_type === "stream" ? { ...output, text: lines(output.text) } : output,
		),
	};
}

/** Keys in order, as Jupyter writes them. */
function sorted(_key: string, value: unknown): unknown {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function lines(text: string): string[] {
	return text === "" ? [] : text.split(/(?<=\n)/);
}
