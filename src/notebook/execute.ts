import { dirname, resolve } from "node:path";
import { execa } from "execa";
import { InputError } from "../errors.js";
import { lateFaults, notebookFaults } from "./faults.js";
import { type Notebook, parseNotebook, readNotebook } from "./ipynb.js";
import { jupyterProgram, kernelEnvironment } from "./kernel.js";

/** A notebook run from top to bottom in a fresh kernel, or the faults that it met. */
export type Execution =
	| { readonly status: "executed"; readonly notebook: Notebook }
	| { readonly status: "faulty"; readonly notebook: Notebook; readonly faults: readonly string[] };

/**
 * Executes a notebook on the real TypeScript kernel, in the notebook's folder. The file itself is left as it is.
 * @throws InputError where Jupyter is missing or ends without a notebook.
 */
export async function executeNotebook(file: string): Promise<Execution> {
	const source = readNotebook(file);
	const program = jupyterProgram("jupyter-nbconvert");
	const { stdout, stderr, failed, code, exitCode } = await execa(
		program,
		// Errors are allowed so that the notebook comes back with them, and every fault can be named with its cell.
		["--to", "notebook", "--execute", "--allow-errors", "--stdin", "--stdout", "--log-level", "ERROR", ...options],
		{
			cwd: dirname(resolve(file)),
			env: kernelEnvironment(),
			input: JSON.stringify({ ...source, cells: [...source.cells, settle] }),
			maxBuffer: 256 * 1024 * 1024,
			reject: false,
		},
	);
	if (failed && exitCode === undefined)
		throw new InputError({
			file: program,
			rule: "must be on the PATH, or in the checkout's .venv (make evaluate puts it there)",
			...(code === undefined ? {} : { value: code }),
		});
	if (failed) throw new InputError({ file, rule: `must be a notebook that ${program} executes: ${lastLine(stderr)}` });
	const run = withoutTimes(parseNotebook(stdout, file));
	const seen = notebookFaults(run);
	const faults = seen.length === 0 ? lateFaults(stderr) : seen;
	const notebook = { ...run, cells: run.cells.slice(0, -1) };
	return faults.length === 0 ? { status: "executed", notebook } : { status: "faulty", notebook, faults };
}

function lastLine(text: string): string {
	return text.trim().split("\n").at(-1) ?? "it said nothing";
}

const options = ["--ExecutePreprocessor.kernel_name=tslab", "--ExecutePreprocessor.timeout=900"];

/** Runs after the last cell and waits, so that a late exception or a floating rejection of that cell still shows. */
const settle = {
	cell_type: "code",
	id: "settle",
	metadata: {},
	execution_count: null,
	outputs: [],
	source: "await new Promise((done) => setTimeout(done, 300));",
};

/**
 * Without the times at which cells ran: a second run of the same study leaves the same file. The kernel announces no
 * execution counts, so the cells that it answered are counted here.
 */
function withoutTimes(notebook: Notebook): Notebook {
	let count = 0;
	const cells = notebook.cells.map((cell) => {
		if (cell.cell_type !== "code") return cell;
		const { execution, ...metadata } = (cell.metadata ?? {}) as Record<string, unknown>;
		if (execution === undefined) return { ...cell, metadata };
		count += 1;
		return { ...cell, metadata, execution_count: count };
	});
	return { ...notebook, cells };
}
