import { InputError } from "../errors.js";
import type { Notebook, NotebookCell } from "./ipynb.js";

/** Values for a notebook's parameters, by name: whatever JSON can say. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * The notebook with values in place of its parameters' own, after papermill's habit: a cell tagged `parameters` declares
 * them with their defaults (`const rate: number = 20;`), and a cell tagged `injected-parameters` after it declares them again.
 * Cells tagged `defaults`, whose words or tables hold for the defaults alone, are left out, which one line says in the place
 * of each run of them that has a heading. Without values the notebook is as it was.
 *
 * @param file the notebook's, named in errors
 * @throws InputError where the notebook has no such cell, or a name is none of its parameters
 * @example withParameters(readNotebook("notebooks/search-space.ipynb"), { rate: 30 }, "search-space.ipynb")
 */
export function withParameters(notebook: Notebook, values: Parameters, file: string): Notebook {
	const names = Object.keys(values);
	if (names.length === 0) return notebook;
	const at = notebook.cells.findIndex((cell) => hasTag(cell, "parameters"));
	const declared = new Map(
		[...(notebook.cells[at]?.source ?? "").matchAll(/^const (\w+)(?:: ([^=]+?))? = /gm)].map(
			([, name = "", type]) => [name, type] as const,
		),
	);
	for (const name of names)
		if (!declared.has(name)) {
			const rule =
				declared.size === 0
					? "must have a cell tagged parameters, to be run with other values"
					: `has the parameters ${[...declared.keys()].join(", ")}, and no other`;
			throw new InputError({ file, rule, value: name });
		}
	const lines = names.map((name) => {
		const type = declared.get(name);
		return `const ${name}${type === undefined ? "" : `: ${type}`} = ${JSON.stringify(values[name])};`;
	});
	const injected: NotebookCell = {
		cell_type: "code",
		id: "injected-parameters",
		metadata: { tags: ["injected-parameters"] },
		execution_count: null,
		outputs: [],
		source: lines.join("\n"),
	};
	const cells = notebook.cells.filter((cell) => !hasTag(cell, "injected-parameters"));
	return { ...notebook, cells: cells.flatMap((cell, index) => (index === at ? [cell, injected] : withWords(cell))) };
}

/** The cell itself, or for one that holds for the defaults alone its headings with a word on why there is no more. */
function withWords(cell: NotebookCell): readonly NotebookCell[] {
	if (!hasTag(cell, "defaults")) return [cell];
	const headings = cell.cell_type === "markdown" ? cell.source.match(/^#{2,} .*$/gm) : null;
	if (headings === null) return [];
	const source = headings.map((heading) => `${heading}\n\nLeft out: it is about the data that the package ships.`);
	return [{ ...cell, source: source.join("\n\n") } as NotebookCell];
}

function hasTag({ metadata }: NotebookCell, tag: string): boolean {
	const { tags } = (metadata ?? {}) as { tags?: unknown };
	return Array.isArray(tags) && tags.includes(tag);
}
