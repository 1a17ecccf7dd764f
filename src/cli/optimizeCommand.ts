import { parseArgs } from "node:util";
import { readBytes } from "../datasets/file.js";
import { parseJson } from "../datasets/parseText.js";
import { InputError } from "../errors.js";
import { type OptimizeRequest, parseRequest } from "../ipa/readPipeline.js";
import { type Optimum, optimizeUntil, type Stopped } from "../search/optimum.js";
import { boundedLines, boundedText } from "./input/boundedLines.js";
import { energyWeightOptions, withEnergyWeight } from "./input/energyWeight.js";
import { leverUsage } from "./input/leverOptions.js";
import { numberOption } from "./input/numberOption.js";
import { pipelineOption, pipelineOptionNames, pipelineOptionUsage } from "./input/pipelineOption.js";

/** A search that takes longer ends with the best so far. Ordinary ones take milliseconds. */
const defaultLimit_s = 5;

export const optimizeUsage = `sustainable-ipa optimize [--profile FILE|NAME] [--derived | --family sum|product] [--ipa-home DIR] [--rate RPS] [--k N] [--ties] [--delta D | --eur-per-kwh E --eur-per-core-hour C]
                         [--vertical] [--tenants N,M] [--carbon-weight W --intensity G]
                         [--max-energy J] [--max-power W] [--max-cost CORES] [--min-accuracy A] [--max-latency S]
                         [--time-limit S]
sustainable-ipa optimize --request FILE|-    one request as JSON (docs/protocol.md), - for standard input
sustainable-ipa optimize --serve             a request a line on standard input, an answer a line on standard output
  The configuration with the best objective, exactly, as JSON.
${pipelineOptionUsage}
${leverUsage}
  --time-limit  time of a search, s (default ${defaultLimit_s}): where it is over, the best so far and its gap, as \`stopped\``;

/** Options that say all of what is asked. */
const whole: ReadonlySet<string> = new Set(["request", "serve"]);

/** Prints the best configuration as JSON; exit code 0 when optimal, 3 when nothing is feasible, 4 when stopped. */
export async function optimizeCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			...pipelineOptionNames,
			request: { type: "string" },
			serve: { type: "boolean" },
			...energyWeightOptions,
			k: { type: "string" },
			ties: { type: "boolean" },
			"max-energy": { type: "string" },
			"max-power": { type: "string" },
			"max-cost": { type: "string" },
			"min-accuracy": { type: "string" },
			"max-latency": { type: "string" },
			"time-limit": { type: "string" },
		},
	});
	const [first, second] = Object.keys(values).sort((a, b) => Number(whole.has(b)) - Number(whole.has(a)));
	if (first !== undefined && second !== undefined && whole.has(first))
		throw new InputError({
			file: "command line",
			field: `--${first}`,
			rule: `must stand alone: a request holds everything, so that --${second} would change nothing`,
		});
	if (values.serve === true) return serve();
	if (values.request !== undefined) {
		if (values.request !== "-")
			return print(parseRequest(values.request, (await readBytes(values.request)).toString("utf8")));
		return print(parseRequest("standard input", await boundedText(process.stdin, "standard input")));
	}
	const positive = (name: "max-energy" | "max-power" | "max-cost" | "max-latency") =>
		numberOption(`--${name}`, values[name], "positive");
	const k = numberOption("--k", values.k, "positive integer");
	const bounds = {
		max_energy_j_per_request: positive("max-energy"),
		max_power_w: positive("max-power"),
		max_cost_cores: positive("max-cost"),
		min_accuracy: numberOption("--min-accuracy", values["min-accuracy"]),
		max_latency_s: positive("max-latency"),
	};
	const request: Record<string, unknown> = {
		pipeline: withEnergyWeight(await pipelineOption(values), values),
		bounds,
		k,
		ties: values.ties,
		time_limit_s: numberOption("--time-limit", values["time-limit"], "positive"),
	};
	// Through the request's own schema, so that an option is checked as a field is.
	return print(parseRequest("command line", JSON.stringify(request)));
}

function print(request: OptimizeRequest): number {
	const answer = answerOf(request);
	process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
	return { optimal: 0, infeasible: 3, stopped: 4 }[answer.status];
}

function answerOf(request: OptimizeRequest): Optimum | Stopped {
	const end = performance.now() + 1000 * (request.time_limit_s ?? defaultLimit_s);
	return optimizeUntil(request.pipeline, { ...request, stop: () => performance.now() > end });
}

/** Answers requests in order until the input ends. A bad request gets an answer with status error and ends nothing. */
async function serve(): Promise<number> {
	for await (const line of boundedLines(process.stdin, "request")) {
		if (typeof line === "string" && line.trim() === "") continue;
		process.stdout.write(`${JSON.stringify(answerTo(line))}\n`);
	}
	return 0;
}

function answerTo(line: string | InputError): object {
	const id = typeof line === "string" ? idOf(line) : {};
	try {
		return { ...id, ...answerOf(parseRequest("request", lineOf(line))) };
	} catch (error) {
		const { name, message } = error as Error;
		return { ...id, status: "error", error: name, message };
	}
}

/** The request's id, kept even where the rest of it is not a request. */
function idOf(line: string): { id?: string | number } {
	try {
		const { id } = parseJson("request", line) as { id?: unknown };
		return typeof id === "string" || typeof id === "number" ? { id } : {};
	} catch {
		return {};
	}
}

function lineOf(line: string | InputError): string {
	if (typeof line === "string") return line;
	throw line;
}
