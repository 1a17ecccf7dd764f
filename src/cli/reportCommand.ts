import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { InputError } from "../errors.js";
import { checkout, executeNotebook } from "../jupyter/execute.js";
import { withStaticImages } from "../jupyter/images.js";
import { type Notebook, readNotebook, writeNotebook } from "../jupyter/ipynb.js";
import { writeReport } from "../jupyter/page.js";

export const reportUsage = `sustainable-ipa report NOTEBOOK... [--execute] [--out FOLDER]
  Writes each executed notebook as a self-contained HTML report.
  --execute      first run it on the TypeScript kernel and keep its outputs, with static images, in the notebook
  --out FOLDER   where the reports go (default: reports in the checkout)`;

/** Executes notebooks and writes their reports. Exit code 1 where a cell fails; the notebook is then left as it was. */
export async function reportCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		options: { execute: { type: "boolean", default: false }, out: { type: "string" } },
		allowPositionals: true,
	});
	if (positionals.length === 0) throw new InputError({ file: "report", field: "NOTEBOOK", rule: "name a notebook" });
	let failed = 0;
	for (const file of positionals) {
		const notebook = values.execute ? await executed(file) : readNotebook(file);
		if (notebook === undefined) {
			failed += 1;
			continue;
		}
		const report = join(values.out ?? join(checkout, "reports"), `${basename(file, ".ipynb")}.html`);
		writeReport(notebook, report, file);
		console.log(`report: ${report}`);
	}
	return failed === 0 ? 0 : 1;
}

async function executed(file: string): Promise<Notebook | undefined> {
	const execution = await executeNotebook(file);
	if (execution.status === "faulty") {
		console.error(`${file} failed:\n${execution.faults.join("\n")}`);
		return undefined;
	}
	const notebook = await withStaticImages(execution.notebook, readNotebook(file)).catch((error: unknown) => {
		if (!(error instanceof InputError)) throw error;
		console.error(`no static figures, the report's are interactive all the same: ${error.message}`);
		return execution.notebook;
	});
	writeNotebook(file, notebook);
	return notebook;
}
