import { basename, join } from "node:path";
import { InputError } from "../errors.js";
import { checkout, executeNotebook } from "../jupyter/execute.js";
import { withStaticImages } from "../jupyter/images.js";
import { type Notebook, readNotebook, writeNotebook } from "../jupyter/ipynb.js";
import { writeReport } from "../jupyter/page.js";
import { answerJson, describeCommand, jsonOption } from "./command.js";

export const reportCommand = describeCommand({
	about: "Writes each executed notebook as a self-contained HTML report.",
	examples: ["notebooks/evaluate.ipynb --execute"],
	args: [{ name: "NOTEBOOK", about: "a notebook's file", several: true }],
	options: {
		execute: {
			about: "first run it on the TypeScript kernel and keep its outputs, with static images, in the notebook",
		},
		out: { value: "FOLDER", about: "where the reports go", otherwise: "reports in the checkout" },
		...jsonOption,
	},
	exits: { 1: "bad input, or a cell fails: the notebook is then left as it was" },
	run: async ({ values, args }) => {
		const reports: { notebook: string; report?: string; faults?: readonly string[] }[] = [];
		for (const file of args) {
			const execution = values.execute ? await executed(file) : readNotebook(file);
			if (!("cells" in execution)) {
				console.error(`${file} failed:\n${execution.faults.join("\n")}`);
				reports.push({ notebook: file, ...execution });
				continue;
			}
			const report = join(values.out ?? join(checkout, "reports"), `${basename(file, ".ipynb")}.html`);
			writeReport(execution, report, file);
			reports.push({ notebook: file, report });
			if (!values.json) console.log(`report: ${report}`);
		}
		if (values.json) answerJson(reports);
		return reports.some(({ faults }) => faults !== undefined) ? 1 : 0;
	},
});

async function executed(file: string): Promise<Notebook | { readonly faults: readonly string[] }> {
	const execution = await executeNotebook(file);
	if (execution.status === "faulty") return { faults: execution.faults };
	const notebook = await withStaticImages(execution.notebook, readNotebook(file)).catch((error: unknown) => {
		if (!(error instanceof InputError)) throw error;
		console.error(`no static figures, the report's are interactive all the same: ${error.message}`);
		return execution.notebook;
	});
	writeNotebook(file, notebook);
	return notebook;
}
