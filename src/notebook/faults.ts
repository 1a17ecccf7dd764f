import type { CellOutput, Notebook } from "./ipynb.js";

/**
 * Every fault of an executed notebook, a sentence each: "cell 3: ...". Empty where it ran through.
 * The kernel reports a compile error, an exception, a late exception and a floating rejection on stderr alone, and goes
 * on after the last two: so whatever a cell writes to stderr is a fault.
 */
export function notebookFaults(notebook: Notebook): readonly string[] {
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
 * its own status message as a floating rejection, and goes on. That is no fault of the notebook, whose cells all ran.
 */
export function lateFaults(stderr: string): readonly string[] {
	return stderr
		.split(/^(?=UncaughtException|UnhandledPromiseRejection)/m)
		.map((text) => text.trim())
		.filter((text) => /^(UncaughtException|UnhandledPromiseRejection)/.test(text) && !isKernelStart(text));
}

function isKernelStart(fault: string): boolean {
	return fault.includes("Socket is blocked by a bind or unbind operation") && fault.includes("ZmqServer.publishStatus");
}

function outputFault(output: CellOutput): readonly string[] {
	if (output.output_type === "error") return [`${output.ename}: ${output.evalue}\n${output.traceback.join("\n")}`];
	if (output.output_type === "stream" && output.name === "stderr") return [output.text.trim()];
	return [];
}
