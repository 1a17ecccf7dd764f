import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { InputError } from "../errors.js";
import { readPipeline } from "../ipa/readPipeline.js";
import { type OptimizeRequest, parseRequest } from "../ipa/specJson.js";
import { optimize } from "../search/optimum.js";

export const optimizeUsage = `sustainable-ipa optimize [--profile FILE|NAME] [--ipa-home DIR] [--rate RPS] [--k N] [--ties] [--delta D | --eur-per-kwh E --eur-per-core-hour C]
                         [--max-energy J] [--max-power W] [--max-cost CORES] [--min-accuracy A] [--max-latency S]
sustainable-ipa optimize --request FILE|-    one request as JSON (docs/protocol.md), - for standard input
sustainable-ipa optimize --serve             a request a line on standard input, an answer a line on standard output
  The configuration with the best objective, exactly, as JSON. Without --profile: IPA's Video pipeline. It may also
  be an experiment's YAML in a checkout of IPA (docs/ipa-files.md); --ipa-home names it where the YAML stands in none.`;

/** Prints the best configuration as JSON; exit code 0 when optimal, 3 when nothing is feasible. */
export async function optimizeCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			profile: { type: "string" },
			"ipa-home": { type: "string" },
			request: { type: "string" },
			serve: { type: "boolean" },
			rate: { type: "string" },
			delta: { type: "string" },
			"eur-per-kwh": { type: "string" },
			"eur-per-core-hour": { type: "string" },
			k: { type: "string" },
			ties: { type: "boolean" },
			"max-energy": { type: "string" },
			"max-power": { type: "string" },
			"max-cost": { type: "string" },
			"min-accuracy": { type: "string" },
			"max-latency": { type: "string" },
		},
	});
	if (values.serve === true) return serve();
	if (values.request !== undefined) {
		const fromStdin = values.request === "-";
		const given = fromStdin ? await text(process.stdin) : await readFile(values.request, "utf8");
		return print(parseRequest(fromStdin ? "standard input" : values.request, given));
	}
	const number = (name: keyof typeof values) => {
		const given = values[name];
		if (given === undefined) return undefined;
		const value = Number(given);
		if (given === "" || !Number.isFinite(value))
			throw new InputError({ file: "command line", field: `--${name}`, rule: "must be a number", value: given });
		return value;
	};
	const rate = number("rate");
	const pipeline = await readPipeline(values.profile, {
		...(values["ipa-home"] === undefined ? {} : { ipaHome: values["ipa-home"] }),
		...(rate === undefined ? {} : { arrival_rate_rps: rate }),
		onLeftOut: (what) => console.error(`left out: ${what}`),
	});
	const bounds = {
		max_energy_j_per_request: number("max-energy"),
		max_power_w: number("max-power"),
		max_cost_cores: number("max-cost"),
		min_accuracy: number("min-accuracy"),
		max_latency_s: number("max-latency"),
	};
	const prices = { eur_per_kwh: number("eur-per-kwh"), eur_per_core_hour: number("eur-per-core-hour") };
	const priced = prices.eur_per_kwh !== undefined || prices.eur_per_core_hour !== undefined;
	const request: Record<string, unknown> = {
		pipeline: {
			...pipeline,
			weights: { ...pipeline.weights, delta: number("delta") ?? pipeline.weights.delta },
			...(priced ? { prices } : {}),
		},
		bounds,
		k: number("k"),
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
