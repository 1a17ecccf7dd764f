import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { readBytes } from "../datasets/file.js";
import { InputError } from "../errors.js";
import { type OptimizeRequest, parseRequest } from "../ipa/specJson.js";
import { optimize } from "../search/optimum.js";
import { energyWeightOptions, withEnergyWeight } from "./input/energyWeight.js";
import { numberOption } from "./input/numberOption.js";
import { pipelineOption, pipelineOptionNames, pipelineOptionUsage } from "./input/pipelineOption.js";

export const optimizeUsage = `sustainable-ipa optimize [--profile FILE|NAME] [--derived | --family sum|product] [--ipa-home DIR] [--rate RPS] [--k N] [--ties] [--delta D | --eur-per-kwh E --eur-per-core-hour C]
                         [--max-energy J] [--max-power W] [--max-cost CORES] [--min-accuracy A] [--max-latency S]
sustainable-ipa optimize --request FILE|-    one request as JSON (docs/protocol.md), - for standard input
sustainable-ipa optimize --serve             a request a line on standard input, an answer a line on standard output
  The configuration with the best objective, exactly, as JSON.
${pipelineOptionUsage}`;

/** Options that say all of what is asked. */
const whole: ReadonlySet<string> = new Set(["request", "serve"]);

/** Prints the best configuration as JSON; exit code 0 when optimal, 3 when nothing is feasible. */
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
		const fromStdin = values.request === "-";
		const given = fromStdin ? await text(process.stdin) : (await readBytes(values.request)).toString("utf8");
		return print(parseRequest(fromStdin ? "standard input" : values.request, given));
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
	};
	// Through the request's own schema, so that an option is checked as a field is.
	return print(parseRequest("command line", JSON.stringify(request)));
}

function print(request: OptimizeRequest): number {
	const answer = optimize(request.pipeline, request);
	process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
	return answer.status === "optimal" ? 0 : 3;
}

/** Answers requests in order until the input ends. A bad request gets an answer with status error and ends nothing. */
async function serve(): Promise<number> {
	for await (const line of createInterface({ input: process.stdin })) {
		if (line.trim() === "") continue;
		process.stdout.write(`${JSON.stringify(answerTo(line))}\n`);
	}
	return 0;
}

function answerTo(line: string): object {
	const id = idOf(line);
	try {
		const request = parseRequest("request", line);
		return { ...id, ...optimize(request.pipeline, request) };
	} catch (error) {
		const { name, message } = error as Error;
		return { ...id, status: "error", error: name, message };
	}
}

/** The request's id, kept even where the rest of it is not a request. */
function idOf(line: string): { id?: unknown } {
	try {
		const { id } = JSON.parse(line) as { id?: unknown };
		return id === undefined ? {} : { id };
	} catch {
		return {};
	}
}
