import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { InputError } from "../errors.js";
import { missingPart } from "../parts.js";
import { type CellOutput, type Notebook, parseNotebook, readNotebook } from "./ipynb.js";
import { type Parameters, withParameters } from "./parameters.js";

/** The checkout: the folder that holds package.json. */
export const checkout = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Registers the TypeScript kernel in a data folder of Jupyter's; answers the kernelspec's file, which names node and tslab by
 * absolute path, so that neither need be on the PATH.
 */
export function registerKernel(dataFolder: string): string {
	const folder = join(dataFolder, "kernels", "tslab");
	const tslab = join(dirname(tslabPackage()), "bin", "tslab");
	const faults = join(checkout, "scripts", "kernel-faults.cjs");
	const spec = {
		argv: [process.execPath, "--require", faults, tslab, "kernel", "--config-path", "{connection_file}"],
		display_name: "TypeScript",
		language: "typescript",
	};
	mkdirSync(folder, { recursive: true });
	const file = join(folder, "kernel.json");
	writeFileSync(file, `${JSON.stringify(spec, null, "\t")}\n`);
	return file;
}

/**
 * Registers the TypeScript kernel for this checkout alone, in .jupyter, and answers the environment in which Jupyter
 * finds it; what Jupyter itself writes goes there too, and not into the home directory.
 *
 * @throws InputError where tslab is not installed
 */
export function kernelEnvironment(): Record<string, string> {
	const own = join(checkout, ".jupyter");
	registerKernel(own);
	const { JUPYTER_PATH, JUPYTER_CONFIG_DIR, JUPYTER_DATA_DIR, JUPYTER_RUNTIME_DIR } = process.env;
	return {
		JUPYTER_PATH: [own, JUPYTER_PATH].filter((path) => path !== undefined).join(delimiter),
		JUPYTER_CONFIG_DIR: JUPYTER_CONFIG_DIR ?? join(own, "config"),
		JUPYTER_DATA_DIR: JUPYTER_DATA_DIR ?? join(own, "data"),
		JUPYTER_RUNTIME_DIR: JUPYTER_RUNTIME_DIR ?? join(own, "runtime"),
	};
}

function tslabPackage(): string {
	try {
		return createRequire(import.meta.url).resolve("tslab/package.json");
	} catch (cause) {
		throw missingPart(["tslab"], "the notebook kernel", cause);
	}
}

/**
 * A program of Jupyter's: the one on the PATH, or else the one in the checkout's .venv.
 *
 * @throws InputError where neither is there, or there is no kernel that it could start
 */
export function jupyterProgram(name: "jupyter-nbconvert" | "jupyter-lab"): string {
	tslabPackage();
	if ((process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)))) return name;
	const inVenv = join(checkout, ".venv", "bin", name);
	if (existsSync(inVenv)) return inVenv;
	const [packages, way] = name === "jupyter-lab" ? ["jupyterlab", "make lab"] : ["nbconvert", "make evaluate"];
	throw new InputError({
		file: name,
		rule: `must be on the PATH (pip install ${packages}), or in the checkout's .venv (${way} puts it there)`,
	});
}

/**
 * Every fault of an executed notebook, a sentence each: "cell 3: ...". Empty where it ran through.
 * The kernel reports a compile error, an exception, a late exception and a floating rejection on stderr alone, and goes
 * on after the last two: so whatever a cell writes to stderr is a fault.
 */
function notebookFaults(notebook: Notebook): readonly string[] {
	return notebook.cells.flatMap((cell, index) => {
		if (cell.cell_type !== "code") return [];
		const faults = cell.outputs.flatMap(outputFault).map((fault) => `cell ${index + 1}: ${fault}`);
		const ran = typeof cell.execution_count === "number" || cell.source.trim() === "";
		return ran || faults.length > 0 ? faults : [`cell ${index + 1}: was not executed`];
	});
}

/**
 * Faults that scripts/kernel-faults.cjs writes to stderr from inside the kernel, one an entry.
 *
 * On a busy machine the kernel answers Jupyter's first question while its sockets are still being bound; it then reports
 * its own status message as a floating rejection, and goes on; and told to end, it may still answer a heartbeat on a socket
 * that it has closed. These are no faults of the notebook, whose cells all ran.
 */
export function lateFaults(stderr: string): readonly string[] {
	return stderr
		.split(/^(?=UncaughtException|UnhandledPromiseRejection)/m)
		.map((text) => text.trim())
		.filter((text) => /^(UncaughtException|UnhandledPromiseRejection)/.test(text) && !isKernels(text));
}

function isKernels(fault: string): boolean {
	return (
		(fault.includes("Socket is blocked by a bind or unbind operation") && fault.includes("ZmqServer.publishStatus")) ||
		(fault.includes("Socket is closed") && /[\\/]tslab[\\/]dist[\\/]jupyter\.js/.test(fault))
	);
}

function outputFault(output: CellOutput): readonly string[] {
	if (output.output_type === "error") return [`${output.ename}: ${output.evalue}\n${output.traceback.join("\n")}`];
	if (output.output_type === "stream" && output.name === "stderr") return [output.text.trim()];
	return [];
}

/** A notebook run from top to bottom in a fresh kernel, or the faults that it met. */
export type Execution =
	| { readonly status: "executed"; readonly notebook: Notebook }
	| { readonly status: "faulty"; readonly notebook: Notebook; readonly faults: readonly string[] };

/** How a notebook is executed. */
export interface ExecuteOptions {
	/** In place of the notebook's own (withParameters). */
	readonly parameters?: Parameters;
	/** Told as each cell begins: how many are done, of how many. */
	readonly onCell?: (done: number, cells: number) => void;
}

/**
 * Executes a notebook on the real TypeScript kernel, in the notebook's folder. The file itself is left as it is.
 * @throws InputError where Jupyter is missing or ends without a notebook, or has no such parameter.
 */
export async function executeNotebook(
	file: string,
	{ parameters = {}, onCell }: ExecuteOptions = {},
): Promise<Execution> {
	const source = withParameters(readNotebook(file), parameters, file);
	const program = jupyterProgram("jupyter-nbconvert");
	const child = execa(
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
	if (onCell !== undefined)
		child.stderr.on("data", (text: Buffer) => {
			for (const [, cell] of text.toString().matchAll(/^\[cell (\d+)\]$/gm))
				onCell(Number(cell) - 1, source.cells.length);
		});
	const { stdout, stderr: said, failed } = await child;
	const stderr = said.replace(/^\[cell \d+\]\n?/gm, "");
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

const progress = join(checkout, "python", "notebook_progress.py");
const options = ["--config", progress, "--ExecutePreprocessor.kernel_name=tslab", "--ExecutePreprocessor.timeout=900"];

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
