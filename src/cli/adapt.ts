import { join } from "node:path";
import { parseArgs } from "node:util";
import { adaptationDefaults, compareSystems, type SystemRow } from "../adaptation/compareSystems.js";
import { type PredictorName, predictor } from "../adaptation/predictors.js";
import { damped } from "../adaptation/trace.js";
import { type Footprint, footprint } from "../carbon/footprint.js";
import { intensitiesFrom, readCarbonIntensity } from "../datasets/carbon.js";
import { packageRoot } from "../datasets/root.js";
import { readTrace, readWindows } from "../datasets/trace.js";
import { InputError } from "../errors.js";
import { readLstm } from "../ipa/lstmFile.js";
import { readEnergyCoefficients } from "../measurement/modelEnergy.js";
import { withModelledEnergy } from "../pipeline/modelledEnergy.js";
import { pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { energyWeightOptions, withEnergyWeight } from "./input/energyWeight.js";
import { leverUsage } from "./input/leverOptions.js";
import { numberOption } from "./input/numberOption.js";
import { pipelineOption, pipelineOptionNames } from "./input/pipelineOption.js";
import { accuracyText } from "./output/accuracyText.js";
import { type CarbonRow, writeSeries } from "./output/adaptSeries.js";
import { floorText } from "./output/floorText.js";

const predictors = ["reactive", "max", "avg", "arima", "lstm"] as const;
const threeWeeks_s = 21 * 24 * 3600;

export const adaptUsage = `sustainable-ipa adapt [--window NAME | --from S --seconds N] [--profile FILE|NAME] [--ipa-home DIR]
                      [--predictor ${predictors.join("|")}] [--alpha A] [--delta D | --eur-per-kwh E --eur-per-core-hour C] [--model-energy]
                      [--zone ZONE --start 2023-07-01T00:00:00Z [--basis direct|lifecycle]]
                      [--startup S] [--rim REPLICAS] [--seed N] [--json] [--csv FILE]
  IPA's adaptation loop over a window of the Twitter trace (bursty, steady_low, steady_high, fluctuating, three-weeks, or
  N seconds of the trace from second S), for FA2-low, FA2-high, RIM, IPA, and IPA with energy in its objective: accuracy,
  cost, energy and SLA violations from a simulation of the stages' queues, a decision every 10 s.
  Latencies are the profile's; energy is unavailable where the profile has none.
  --profile        a pipeline's JSON, a name of IPA's pipelines, or an experiment's YAML in a checkout of IPA
                   (docs/ipa-files.md); --ipa-home names the checkout where the YAML stands in none
  --model-energy   give every point a modelled energy (data/derived/deployed-power.yaml, from the Video pipeline in
                   deployment): no evidence, labelled so
  --zone           grams of CO2-equivalent too, from hourly average intensities of 2023 (AU-SA, GB, NL, US-CAL-CISO,
                   US-TEX-ERCO), the run beginning at --start
${leverUsage}
  --csv            also write one row a decision of every system: load, forecast, plan, accuracy, cores, energy, late requests`;

/** Runs every system over a load and prints what each came to. */
export async function adaptCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			window: { type: "string" },
			from: { type: "string" },
			seconds: { type: "string" },
			profile: pipelineOptionNames.profile,
			"ipa-home": pipelineOptionNames["ipa-home"],
			predictor: { type: "string", default: "max" },
			alpha: { type: "string" },
			...energyWeightOptions,
			"model-energy": { type: "boolean" },
			zone: { type: "string" },
			start: { type: "string" },
			basis: { type: "string", default: "lifecycle" },
			startup: { type: "string", default: String(adaptationDefaults.startup_s) },
			rim: { type: "string", default: String(adaptationDefaults.rimReplicas) },
			seed: { type: "string", default: String(adaptationDefaults.seed) },
			json: { type: "boolean" },
			csv: { type: "string" },
		},
	});
	if (!(predictors as readonly string[]).includes(values.predictor))
		fail("--predictor", `must be one of ${predictors.join(", ")}`, values.predictor);
	const name = values.predictor as PredictorName;
	const seed = numberOption("--seed", values.seed, "whole");
	const startup_s = numberOption("--startup", values.startup, "not negative");
	const rimReplicas = numberOption("--rim", values.rim, "positive integer");
	const load = await loadOf(values);
	const spec = await specOf(values);
	const rows = compareSystems(spec, load.rps, {
		predictor:
			name === "lstm"
				? predictor(name, (await readLstm(join(packageRoot, "data/models/lstm.json"))).weights)
				: predictor(name),
		startup_s,
		rimReplicas,
		seed,
	});
	const hours = Math.ceil(load.rps.length / 3600);
	const hourly =
		values.zone === undefined ? undefined : await hourlyFrom(values.zone, values.basis, hours, values.start);
	const withCarbon = rows.map((row) => ({ ...row, carbon: carbonOf(row, hourly) }));
	if (values.csv !== undefined) await writeSeries(values.csv, withCarbon);
	const head = `${load.name}, ${name}, SLA ${pipelineOptions(spec).sla_s.toFixed(2)} s, seed ${seed}; simulated on the profile's latencies (modelled); accuracy: ${accuracyText(spec)}`;
	process.stdout.write(values.json === true ? `${json(withCarbon)}\n` : text(withCarbon, head));
	const floor = values.json === true ? undefined : floorText(spec, load.rps);
	if (floor !== undefined) console.log(floor);
	return 0;
}

type Given = Readonly<
	Partial<
		Record<
			"window" | "from" | "seconds" | "profile" | "ipa-home" | "alpha" | "delta" | "eur-per-kwh" | "eur-per-core-hour",
			string
		>
	> & { "model-energy"?: boolean }
>;

async function loadOf({ window = "bursty", from, seconds }: Given) {
	const cut = from !== undefined || seconds !== undefined;
	if (cut || window === "three-weeks") {
		const trace = await readTrace(join(packageRoot, "data/raw/twitter/twitter-per-second.txt.gz"));
		const first = numberOption("--from", from, "whole") ?? 0;
		const length = cut ? (numberOption("--seconds", seconds, "positive integer") ?? 86_400) : threeWeeks_s;
		if (first + length > trace.length)
			fail("--from, --seconds", `must lie in the trace of ${trace.length} s`, first + length);
		return {
			name: cut ? `seconds ${first} to ${first + length} of the trace` : window,
			rps: damped(trace.subarray(first, first + length), 8),
		};
	}
	const windows = await readWindows(join(packageRoot, "data/raw/twitter/twitter-workload-windows.csv"));
	const found = windows.get(window);
	if (found === undefined) fail("--window", `must be one of ${[...windows.keys(), "three-weeks"].join(", ")}`, window);
	return { name: found.name, rps: found.rps_damped8 };
}

async function specOf(values: Given): Promise<PipelineSpec> {
	// The trace gives the rate of each decision, so an experiment that has none is as good as another.
	const given = await pipelineOption({ profile: values.profile, "ipa-home": values["ipa-home"], rate: "0" });
	const alpha = numberOption("--alpha", values.alpha, "not negative") ?? given.weights.alpha;
	const spec = withEnergyWeight({ ...given, weights: { ...given.weights, alpha } }, values);
	return values["model-energy"] === true ? withModelledEnergy(spec, await readEnergyCoefficients()) : spec;
}

/** Intensities from the hour of `start` on, g/kWh. */
async function hourlyFrom(
	zone: string,
	basis: string,
	hours: number,
	start = "2023-01-01T00:00:00Z",
): Promise<number[]> {
	if (basis !== "direct" && basis !== "lifecycle") fail("--basis", "must be direct or lifecycle", basis);
	const all = await readCarbonIntensity(join(packageRoot, "data/raw/carbon-intensity-2023"));
	const hourly = intensitiesFrom(all, { zone, basis, start }, "--start");
	if (hourly.length < hours)
		fail(
			"--start",
			`must leave ${hours} hours of the series for the load, which has ${hourly.length} from there`,
			start,
		);
	return hourly;
}

function carbonOf({ outcome }: SystemRow, hourly: readonly number[] | undefined): Footprint | undefined {
	if (hourly === undefined || outcome.status !== "served" || outcome.served.energy.status !== "available")
		return undefined;
	return footprint(outcome.served.energy.joules, adaptationDefaults.interval_s, hourly);
}

function fail(field: string, rule: string, value: unknown): never {
	throw new InputError({ file: "command line", field, rule, value });
}

function json(rows: readonly CarbonRow[]): string {
	// The steps are the table's: --csv.
	return JSON.stringify(
		rows,
		(key, value: unknown) => (key === "steps" ? undefined : value instanceof Float64Array ? [...value] : value),
		2,
	);
}

function text(rows: readonly CarbonRow[], head: string): string {
	const lines = rows.map(({ system, outcome, carbon }) => {
		if (outcome.status !== "served") return `${system.padEnd(10)} ${outcome.status}: ${outcome.reason}`;
		const { served } = outcome;
		const { energy } = served;
		const joules =
			energy.status === "available"
				? `${energy.total_j.toFixed(0)} J (${energy.kind})${carbon === undefined ? "" : `, ${carbon.total_g.toFixed(1)} g CO2e`}`
				: `unavailable (${energy.reason})`;
		const share = ((100 * served.violations) / served.requests).toFixed(2);
		return `${system.padEnd(10)} accuracy ${served.meanAccuracy.toFixed(3)}, ${served.core_seconds.toFixed(0)} core-s, ${share} % of ${served.requests} requests late or dropped, ${served.changes} changes, ${served.infeasibleSteps} infeasible steps; energy ${joules}`;
	});
	return `${head}\n${lines.join("\n")}\n`;
}
