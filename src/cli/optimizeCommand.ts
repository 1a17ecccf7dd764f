import { readBytes } from "../datasets/file.js";
import { parseJson } from "../datasets/parseText.js";
import type { InputError } from "../errors.js";
import { type OptimizeRequest, parseRequest } from "../ipa/readPipeline.js";
import { type Optimum, optimizeUntil, type Stopped } from "../search/optimum.js";
import { answerJson, describeCommand, refuse, reportOption } from "./command.js";
import { energyWeightOptions, pipelineAtRate, pipelineOption, withEnergyWeight } from "./pipelineOptions.js";
import { boundedLines, boundedText } from "./standardInput.js";

/** A search that takes longer ends with the best so far. Ordinary ones take milliseconds. */
const defaultLimit_s = 5;

const bounds = "Bounds";

export const optimizeCommand = describeCommand({
	about:
		"The configuration with the best objective, exactly, as JSON. A program asks with --request or --serve (docs/protocol.md).",
	examples: ["--rate 20", "--profile nlp --delta 0.1 --max-latency 2", "--request -", "--serve"],
	options: {
		...pipelineAtRate,
		...energyWeightOptions,
		"max-energy": { value: "J", about: "of a request", unit: "J", range: "positive", group: bounds },
		"max-power": { value: "W", about: "of the pipeline", unit: "W", range: "positive", group: bounds },
		"max-cost": { value: "CORES", about: "allocated in all", unit: "cores", range: "positive", group: bounds },
		"min-accuracy": { value: "A", about: "of the pipeline", unit: "0 to 1 a stage", range: "none", group: bounds },
		"max-latency": {
			value: "S",
			about: "in place of the SLA where it is tighter",
			unit: "s",
			range: "positive",
			group: bounds,
		},
		k: { value: "N", about: "the best N, not the best alone", range: "positive integer" },
		ties: { about: "also every configuration that is as good" },
		"time-limit": {
			value: "S",
			about: `time of a search: where it is over, the best so far and its gap, as \`stopped\``,
			otherwise: String(defaultLimit_s),
			unit: "s",
			range: "positive",
		},
		request: {
			value: "FILE|-",
			about: "one request as JSON, - for standard input; it holds everything and stands alone",
		},
		serve: { about: "a request a line on standard input, an answer a line on standard output; stands alone" },
		...reportOption,
		json: { about: "as it is without: the answer is JSON always" },
	},
	exits: { 3: "no configuration is feasible", 4: "stopped by the time limit: the best so far" },
	run: async (call) => {
		const { values, given, note } = call;
		const [whole] = given.filter((name) => name === "request" || name === "serve");
		const other = given.find((name) => name !== whole && name !== "json");
		if (whole !== undefined && other !== undefined)
			refuse(`--${whole}`, `must stand alone: a request holds everything, so that --${other} would change nothing`);
		if (values.serve) return serve();
		if (values.request === "-")
			return print(parseRequest("standard input", await boundedText(process.stdin, "standard input")));
		if (values.request !== undefined)
			return print(parseRequest(values.request, (await readBytes(values.request)).toString("utf8")));
		const request: Record<string, unknown> = {
			pipeline: withEnergyWeight(await pipelineOption(values, note), values),
			bounds: {
				max_energy_j_per_request: values["max-energy"],
				max_power_w: values["max-power"],
				max_cost_cores: values["max-cost"],
				min_accuracy: values["min-accuracy"],
				max_latency_s: values["max-latency"],
			},
			k: values.k,
			ties: values.ties || undefined,
			time_limit_s: values["time-limit"],
		};
		// Through the request's own schema, so that an option is checked as a field is.
		const asked = parseRequest("command line", JSON.stringify(request));
		const code = print(asked);
		if (values.report !== undefined)
			await (await import("./reportCommand.js")).reportOnPipeline(asked.pipeline, values.report, call);
		return code;
	},
});

function print(request: OptimizeRequest): number {
	const found = answerOf(request);
	answerJson(found);
	return { optimal: 0, infeasible: 3, stopped: 4 }[found.status];
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
