import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { readYaml, writeAside } from "../datasets/file.js";
import { InputError } from "../errors.js";
import { checkout, type ExecuteOptions, executeNotebook, jupyterProgram } from "../jupyter/execute.js";
import { withStaticImages } from "../jupyter/images.js";
import { type Notebook, readNotebook, writeNotebook } from "../jupyter/ipynb.js";
import { type PlotlyFrom, writeIndex, writeReport } from "../jupyter/page.js";
import type { Parameters } from "../jupyter/parameters.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { answerJson, type Call, describeCommand, type Options, refuse } from "./command.js";
import { progressOn } from "./signals.js";

export const reportCommand = describeCommand({
	about:
		"Writes each executed notebook as a self-contained HTML report. With parameters a copy is executed, and lies beside its report; the notebook itself stays as it is (docs/reports.md).",
	examples: [
		"notebooks/evaluate.ipynb --execute",
		"notebooks/search-space.ipynb -p rate=30 --out reports",
		"notebooks/evaluate.ipynb --parameters own.yaml",
	],
	args: [{ name: "NOTEBOOK", about: "a notebook's file", several: true }],
	options: {
		execute: {
			about: "first run it on the TypeScript kernel and keep its outputs, with static images, in the notebook",
		},
		parameter: {
			value: "NAME=VALUE",
			about: "execute a copy with this value (a number, a text, a list as JSON) for a parameter of the notebook",
			again: true,
		},
		parameters: {
			value: "FILE",
			about: "execute a copy with the values of this YAML file",
			otherwise: "the file that SUSTAINABLE_IPA_PARAMETERS names, where it names one",
		},
		out: {
			value: "FOLDER",
			about: "where the reports go",
			otherwise: "reports in the checkout; with parameters the folder where you are",
		},
		inline: { about: "plotly.js within each page, not in one file beside them: a page of 5 MB that can be sent alone" },
		json: { about: "a row a notebook as JSON: its report, or the faults of its cells" },
	},
	environment: { SUSTAINABLE_IPA_PARAMETERS: "a YAML file of parameters, as --parameters takes it" },
	exits: { 1: "bad input, or a cell fails: the notebook is then left as it was" },
	run: async ({ values, args, quiet }) => {
		const parameters = await parametersOf(
			values.parameters ?? process.env.SUSTAINABLE_IPA_PARAMETERS,
			values.parameter,
		);
		const own = Object.keys(parameters).length > 0;
		const folder = values.out ?? (own ? "." : join(checkout, "reports"));
		const reports: { notebook: string; report?: string; faults?: readonly string[] }[] = [];
		const plotly = values.inline ? "inline" : "shared";
		for (const file of args) {
			const report = join(folder, `${basename(file, ".ipynb")}.html`);
			const faults = own
				? await writeCopy(file, parameters, report, quiet, plotly)
				: await written(file, report, values.execute, quiet, plotly);
			reports.push(faults === undefined ? { notebook: file, report } : { notebook: file, faults });
			if (!values.json && faults === undefined) console.log(`report: ${report}`);
		}
		if (!own && reports.some(({ report }) => report !== undefined)) writeIndex(folder);
		if (values.json) answerJson(reports);
		return reports.some(({ faults }) => faults !== undefined) ? 1 : 0;
	},
});

/**
 * Runs one of the shipped notebooks with parameters and writes its page, where `--report` asks for one.
 *
 * @param name of the notebook, without its ending
 * @throws InputError where a cell fails, with every fault
 */
export async function reportOn(
	name: string,
	parameters: Parameters,
	report: string,
	{ note, quiet }: Pick<Call<Options>, "note" | "quiet">,
): Promise<void> {
	const file = join(checkout, "notebooks", `${name}.ipynb`);
	const faults = await writeCopy(file, parameters, report, quiet);
	if (faults !== undefined) throw new InputError({ file, rule: `must run on this: ${faults.join("; ")}` });
	note(`report: ${report}`);
}

/** Keeps what a report's notebook reads beside the report, `out-NAME.json`; the file's whole path. */
export async function keptBeside(report: string, name: string, content: unknown): Promise<string> {
	const file = resolve(report.replace(/\.html?$/, `-${name}.json`));
	const plain = (_: string, own: unknown) => (ArrayBuffer.isView(own) ? Array.from(own as Float64Array) : own);
	await writeAside(file, `${JSON.stringify(content, plain)}\n`);
	return file;
}

/** The search space's notebook on a pipeline, which is kept beside the report, at loads around its own. */
export async function reportOnPipeline(
	spec: PipelineSpec,
	report: string,
	call: Pick<Call<Options>, "note" | "quiet">,
): Promise<void> {
	const pipelineFile = await keptBeside(report, "pipeline", spec);
	const rates = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2].map((share) => share * spec.arrival_rate_rps);
	await reportOn("search-space", { pipelineFile, rates }, report, call);
}

/** Refuses a report that could not be made, before any work. */
export function checkReport(report: string): void {
	if (!/\.html?$/.test(report)) refuse("--report", "must name a page, FILE.html", report);
	jupyterProgram("jupyter-nbconvert");
}

async function writeCopy(
	file: string,
	parameters: Parameters,
	report: string,
	quiet: boolean,
	plotly: PlotlyFrom = "inline",
) {
	const execution = await executed(file, { parameters }, quiet);
	if ("faults" in execution) return execution.faults;
	writeReport(execution.notebook, report, file, plotly);
	writeNotebook(join(dirname(report), `${basename(report).replace(/\.html?$/, "")}.ipynb`), execution.notebook);
	return undefined;
}

async function written(file: string, report: string, execute: boolean, quiet: boolean, plotly: PlotlyFrom) {
	if (!execute) {
		writeReport(readNotebook(file), report, file, plotly);
		return undefined;
	}
	const execution = await executed(file, {}, quiet);
	if ("faults" in execution) return execution.faults;
	const notebook = await withStaticImages(execution.notebook, readNotebook(file)).catch((error: unknown) => {
		if (!(error instanceof InputError)) throw error;
		console.error(`no static figures, the report's are interactive all the same: ${error.message}`);
		return execution.notebook;
	});
	writeNotebook(file, notebook);
	writeReport(notebook, report, file, plotly);
	return undefined;
}

async function executed(
	file: string,
	options: ExecuteOptions,
	quiet: boolean,
): Promise<{ readonly notebook: Notebook } | { readonly faults: readonly string[] }> {
	const progress = progressOn(quiet, { after_s: 2, every_s: 5 });
	const onCell = (done: number, cells: number) => progress.step(done, cells, basename(file));
	const execution = await executeNotebook(file, { ...options, onCell }).finally(() => progress.end());
	if (execution.status === "executed") return { notebook: execution.notebook };
	console.error(`${file} failed:\n${execution.faults.join("\n")}`);
	return { faults: execution.faults };
}

async function parametersOf(file: string | undefined, given: readonly string[]): Promise<Parameters> {
	const fromFile = file === undefined ? {} : await readYaml(file);
	if (file !== undefined && (typeof fromFile !== "object" || fromFile === null || Array.isArray(fromFile)))
		throw new InputError({ file, rule: "must hold parameters, a line each: name: value" });
	const named = given.map((text) => {
		const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? refuse("--parameter", "must be NAME=VALUE", text);
		return [name as string, parse(value as string) as unknown] as const;
	});
	return { ...(fromFile as Parameters), ...Object.fromEntries(named) };
}
