#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { systemFault } from "../datasets/file.js";
import { InputError } from "../errors.js";
import { BaseAllocationError } from "../pipeline/allocation.js";
import { surviveClosedStreams } from "./output/closedStreams.js";

/** The commands, each in its own file: `<name>Command.ts` exports `<name>Command` and `<name>Usage`. */
const commands: Readonly<Record<string, string>> = {
	evaluate: "does energy add information? the study on the shipped data, or on your own CSV",
	space: "every configuration of a pipeline",
	optimize: "the best configuration",
	tradeoff: "what energy costs in the objective: the front, the weights at which the choice changes, the knee",
	adapt: "the choice over a trace, beside the baselines",
	published: "IPA's published runs beside ours: the table of means, and the tolerances",
	deployment: "the measured energy of a pipeline that served a load: floor, busy cores, and were decisions acted on",
	footprint: "energy, carbon (SCI) and money of a pipeline, a dataset or a run",
	levers: "published figures of time, place, sharing, scaling and directives, beside ours",
	probes: "the energy probes of this machine, and why one is unavailable",
	measure: "from a plan to measured cells",
	calibrate: "measure few cells, know the rest: until the choice is sure",
	k8s: "the manifests that measure a plan over a cluster's nodes",
	merge: "one dataset from the journals of several nodes",
	train: "the LSTM predictor's weights, from the first fourteen days of the trace",
	compare: "IPA's own program on the same pipeline: differences, and the ratio of times",
	profiles: "derive the profiles of IPA's pipelines from its published measurements",
	report: "execute notebooks and write self-contained HTML reports",
	lab: "open JupyterLab with the TypeScript kernel",
};

/** What a command's file exports, by the names that follow from its own. */
type CommandModule = Readonly<Record<string, string | ((argv: readonly string[]) => Promise<number>)>>;

function fileOf(name: string): URL | undefined {
	const file = new URL(`./${name}Command.js`, import.meta.url);
	return Object.hasOwn(commands, name) && existsSync(fileURLToPath(file)) ? file : undefined;
}

function usage(): string {
	const lines = Object.entries(commands).flatMap(([name, about]) =>
		fileOf(name) === undefined ? [] : [`  ${name.padEnd(10)} ${about}`],
	);
	return ["sustainable-ipa COMMAND [OPTIONS]    (COMMAND --help tells more)", ...lines].join("\n");
}

async function main([name, ...argv]: readonly string[]): Promise<number> {
	if (name === undefined || name === "--help" || name === "help") {
		console.log(usage());
		return name === undefined ? 2 : 0;
	}
	const file = fileOf(name);
	if (file === undefined) {
		console.error(`unknown command ${JSON.stringify(name)}\n${usage()}`);
		return 2;
	}
	// Loaded when called, so that the command line starts fast.
	const module = (await import(file.href)) as CommandModule;
	const commandUsage = String(module[`${name}Usage`]);
	const command = module[`${name}Command`];
	if (typeof command !== "function") throw new TypeError(`${name}Command.js does not export ${name}Command`);
	if (argv.includes("--help")) {
		console.log(commandUsage);
		return 0;
	}
	try {
		return await command(argv);
	} catch (thrown) {
		const error = systemFault(thrown);
		if (error instanceof InputError || error instanceof BaseAllocationError) {
			console.error(error.message);
			return 1;
		}
		if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
			console.error(`${error.message}\n${commandUsage}`);
			return 2;
		}
		throw error;
	}
}

const output = surviveClosedStreams();
const code = await main(process.argv.slice(2));
process.exitCode = code === 0 && output.lost() ? 1 : code;
