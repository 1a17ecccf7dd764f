import type { CommandDescription } from "./command.js";

/** What each command is for. `<name>Command.ts` exports `<name>Command`: loaded when called, so that the command line starts fast. */
export const commands: Readonly<Record<string, string>> = {
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
	init: "a template to start from: csv, pipeline, plan, trace, baseline",
	completion: "the script that completes this command line in bash or zsh",
	help: "the help of a command, or of all of them as one page",
};

/** The command of this name. */
export async function loadCommand(name: string): Promise<CommandDescription> {
	const module = (await import(`./${name}Command.js`)) as Readonly<Record<string, CommandDescription>>;
	const command = module[`${name}Command`];
	if (command === undefined) throw new TypeError(`${name}Command.js does not export ${name}Command`);
	return command;
}

/** Every command with its name, in the order of the help. */
export function loadCommands(): Promise<readonly (readonly [string, CommandDescription])[]> {
	return Promise.all(Object.keys(commands).map(async (name) => [name, await loadCommand(name)] as const));
}
