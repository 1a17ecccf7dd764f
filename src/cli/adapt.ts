import { join } from "node:path";
import { parseArgs } from "node:util";
import { adapt } from "../adaptation/adapt.js";
import { type PredictorName, predictor } from "../adaptation/predictors.js";
import { type Served, serve } from "../adaptation/serve.js";
import { decider, type SystemName, systemNames, systemSpec } from "../adaptation/systems.js";
import { packageRoot } from "../datasets/root.js";
import { readWindows } from "../datasets/trace.js";
import { InputError } from "../errors.js";
import { readPipeline } from "../ipa/readPipeline.js";
import { pipelineOptions } from "../pipeline/options.js";

const predictors = ["reactive", "max", "avg", "arima"] as const;

export const adaptUsage = `sustainable-ipa adapt [--window NAME] [--profile FILE] [--predictor ${predictors.join("|")}] [--alpha A]
                      [--startup S] [--rim REPLICAS] [--seed N] [--json]
  IPA's adaptation loop over a window of the Twitter trace (bursty, steady_low, steady_high, fluctuating), for FA2-low,
  FA2-high, RIM and IPA: accuracy, cost and SLA violations from a simulation of the stages' queues, every 10 s.
  Latencies are the profile's; energy is unavailable where the profile has none.`;

interface Row {
	readonly system: SystemName;
	readonly outcome:
		| { readonly status: "served"; readonly served: Served }
		| { readonly status: "infeasible"; readonly reason: string };
}

/** Runs every system over a window and prints what each came to. */
export async function adaptCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			window: { type: "string", default: "bursty" },
			profile: { type: "string" },
			predictor: { type: "string", default: "max" },
			alpha: { type: "string" },
			startup: { type: "string", default: "5" },
			rim: { type: "string", default: "10" },
			seed: { type: "string", default: "1" },
			json: { type: "boolean" },
		},
	});
	const windows = await readWindows(join(packageRoot, "data/raw/twitter/twitter-workload-windows.csv"));
	const window = windows.get(values.window);
	if (window === undefined) fail("--window", `must be one of ${[...windows.keys()].join(", ")}`, values.window);
	if (!(predictors as readonly string[]).includes(values.predictor))
		fail("--predictor", `must be one of ${predictors.join(", ")}`, values.predictor);
	const given = await readPipeline(values.profile);
	const spec = {
		...given,
		weights: { ...given.weights, alpha: number("--alpha", values.alpha ?? String(given.weights.alpha)) },
	};
	const { sla_s } = pipelineOptions(spec);
	const startup_s = number("--startup", values.startup);
	const seed = number("--seed", values.seed);
	const rows = systemNames.map((system): Row => {
		const decide = decider(systemSpec(spec, system, number("--rim", values.rim)));
		try {
			const steps = adapt(window.rps_damped8, {
				interval_s: 10,
				history_s: 120,
				startup_s,
				predictor: predictor(values.predictor as Exclude<PredictorName, "lstm">),
				decide,
			});
			const served = serve(window.rps_damped8, steps, {
				sla_s,
				batchTimeout_s: 1,
				dropAfterSlas: 2,
				interval_s: 10,
				startup_s,
				seed,
			});
			return { system, outcome: { status: "served", served } };
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
			return { system, outcome: { status: "infeasible", reason: error.message } };
		}
	});
	process.stdout.write(values.json === true ? `${json(rows)}\n` : text(rows, values.window, sla_s, seed));
	return 0;
}

function fail(field: string, rule: string, value: unknown): never {
	throw new InputError({ file: "command line", field, rule, value });
}

function number(field: string, text: string): number {
	const value = Number(text);
	return text !== "" && Number.isFinite(value) && value >= 0
		? value
		: fail(field, "must be a number of 0 or more", text);
}

function json(rows: readonly Row[]): string {
	return JSON.stringify(rows, (_, value: unknown) => (value instanceof Float64Array ? [...value] : value), 2);
}

function text(rows: readonly Row[], window: string, sla_s: number, seed: number): string {
	const lines = rows.map(({ system, outcome }) => {
		if (outcome.status === "infeasible") return `${system.padEnd(9)} ${outcome.reason}`;
		const { served } = outcome;
		const { energy } = served;
		const joules =
			energy.status === "available"
				? `${energy.total_j.toFixed(0)} J (${energy.kind})`
				: `unavailable (${energy.reason})`;
		const share = ((100 * served.violations) / served.requests).toFixed(2);
		return `${system.padEnd(9)} accuracy ${served.meanAccuracy.toFixed(3)}, ${served.core_seconds.toFixed(0)} core-s, ${share} % of ${served.requests} requests late or dropped, ${served.changes} changes, ${served.infeasibleSteps} infeasible steps; energy ${joules}`;
	});
	return `${window}, SLA ${sla_s.toFixed(2)} s, seed ${seed}; simulated on the profile's latencies (modelled)\n${lines.join("\n")}\n`;
}
