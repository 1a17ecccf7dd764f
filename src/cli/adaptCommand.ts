import { join } from "node:path";
import { parseArgs } from "node:util";
import {
	adaptationDefaults,
	type Comparison,
	compareSystems,
	type SystemRow,
	serveOptions,
} from "../adaptation/compareSystems.js";
import { type System, type SystemSettings, standardSystems } from "../adaptation/systems.js";
import { type Footprint, footprint } from "../carbon/footprint.js";
import { intensitiesFrom, readCarbonIntensity } from "../datasets/carbon.js";
import { readLstm } from "../datasets/dataFiles.js";
import { packageRoot } from "../datasets/root.js";
import { readTrace, readWindows } from "../datasets/trace.js";
import { InputError } from "../errors.js";
import { damped } from "../forecast/loads.js";
import { type PredictorName, predictorNames } from "../forecast/predictors.js";
import { readEnergyCoefficients } from "../measurement/modelEnergy.js";
import { withModelledEnergy } from "../pipeline/energy.js";
import { pipelineOptions } from "../pipeline/options.js";
import { readSystems } from "../published/systemsFile.js";
import { energyWeightOptions, withEnergyWeight } from "./input/energyWeight.js";
import { leverUsage } from "./input/leverOptions.js";
import { numberOption } from "./input/numberOption.js";
import { comparisonOption, pipelineOptionNames, pipelineOptionUsage } from "./input/pipelineOption.js";
import { accuracyText } from "./output/accuracyText.js";
import { type CarbonRow, writeSeries } from "./output/adaptSeries.js";
import { floorOf, floorText } from "./output/floorText.js";

/** All that name a pipeline but its rate, which the trace gives. */
const { rate: _, ...adaptPipelineOptions } = pipelineOptionNames;
const threeWeeks_s = 21 * 24 * 3600;

export const adaptUsage = `sustainable-ipa adapt [--window NAME | --from S --seconds N] [--profile FILE|NAME] [--derived | --family sum|product]
                      [--systems FILE] [--ipa-home DIR] [--predictor ${predictorNames.join("|")}] [--alpha A] [--delta D | --eur-per-kwh E --eur-per-core-hour C] [--model-energy]
                      [--zone ZONE --start 2023-07-01T00:00:00Z [--basis direct|lifecycle]]
                      [--startup S] [--seed N] [--json] [--csv FILE]
  IPA's adaptation loop over a window of the Twitter trace (bursty, steady_low, steady_high, fluctuating, three-weeks, or
  N seconds of the trace from second S), for FA2-low, FA2-high, RIM, IPA, and IPA with energy in its objective: accuracy,
  cost, energy and SLA violations from a simulation of the stages' queues, a decision every 10 s.
  A batch takes the profile's service time; energy is unavailable where the profile has none.
${pipelineOptionUsage.split("\n").slice(0, -1).join("\n")}
  --systems        systems of your own beside the five (docs/systems.md)
  --predictor      for every system, in place of its own (the LSTM where it names none)
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
			...adaptPipelineOptions,
			systems: { type: "string" },
			predictor: { type: "string" },
			alpha: { type: "string" },
			...energyWeightOptions,
			"model-energy": { type: "boolean" },
			zone: { type: "string" },
			start: { type: "string" },
			basis: { type: "string", default: "lifecycle" },
			startup: { type: "string", default: String(adaptationDefaults.startup_s) },
			seed: { type: "string", default: String(adaptationDefaults.seed) },
			json: { type: "boolean" },
			csv: { type: "string" },
		},
	});
	if (values.predictor !== undefined && !(predictorNames as readonly string[]).includes(values.predictor))
		fail("--predictor", `must be one of ${predictorNames.join(", ")}`, values.predictor);
	const predictor = values.predictor as PredictorName | undefined;
	const seed = numberOption("--seed", values.seed, "whole");
	const startup_s = numberOption("--startup", values.startup, "not negative");
	const load = await loadOf(values);
	const hours = Math.ceil(load.rps.length / 3600);
	// Before the simulation, which takes a minute over three weeks: a start that the series does not reach is said at once.
	const hourly =
		values.zone === undefined ? undefined : await hourlyFrom(values.zone, values.basis, hours, values.start);
	const comparison = await comparisonOf(values);
	const { spec } = comparison;
	const rows = compareSystems(comparison, load.rps, {
		...(predictor === undefined ? {} : { predictor }),
		lstm: (await readLstm(join(packageRoot, "data/models/lstm.json"))).weights,
		window: load.name,
		startup_s,
		seed,
	});
	const withCarbon = rows.map((row) => ({ ...row, carbon: carbonOf(row, hourly) }));
	if (values.csv !== undefined) await writeSeries(values.csv, withCarbon);
	const head = `${spec.name} over ${load.name}, ${predictor ?? "each system's predictor"}, planned for an SLA of ${pipelineOptions(spec).sla_s.toFixed(2)} s, late after ${serveOptions(comparison, {}).late_after_s.toFixed(2)} s, seed ${seed}; queues simulated (modelled); accuracy: ${accuracyText(spec)}`;
	process.stdout.write(
		values.json === true
			? `${json(withCarbon.map((row) => ({ ...row, ...floorOf(spec, load.rps) })))}\n`
			: text(withCarbon, head),
	);
	const floor = values.json === true ? undefined : floorText(spec, load.rps);
	if (floor !== undefined) console.log(floor);
	return 0;
}

type Given = Readonly<
	Partial<
		Record<
			| "window"
			| "from"
			| "seconds"
			| "profile"
			| "family"
			| "systems"
			| "ipa-home"
			| "alpha"
			| "delta"
			| "eur-per-kwh"
			| "eur-per-core-hour",
			string
		>
	> &
		Partial<Record<"model-energy" | "derived" | "as-published", boolean>>
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

async function comparisonOf(values: Given): Promise<Comparison> {
	// The trace gives the rate of each decision, so an experiment that has none is as good as another.
	const given = await comparisonOption({ ...values, rate: "0" });
	const { systems: five = standardSystems } = given;
	const systems = values.systems === undefined ? five : await readSystems(values.systems, five);
	const alpha = numberOption("--alpha", values.alpha, "not negative");
	const weighed = withEnergyWeight(given.spec, values);
	const spec = values["model-energy"] === true ? withModelledEnergy(weighed, await readEnergyCoefficients()) : weighed;
	return alpha === undefined
		? { ...given, spec, systems }
		: { ...given, spec: { ...spec, weights: { ...spec.weights, alpha } }, systems: systems.map(withAlpha(alpha)) };
}

/** A system with this weight of accuracy everywhere, its windows too. */
function withAlpha(alpha: number) {
	const weigh = <T extends SystemSettings>(settings: T): T =>
		settings.weights?.alpha === undefined ? settings : { ...settings, weights: { ...settings.weights, alpha } };
	return ({ windows, ...system }: System): System => ({
		...weigh(system),
		...(windows && { windows: Object.fromEntries(Object.entries(windows).map(([name, own]) => [name, weigh(own)])) }),
	});
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
		return `${system.padEnd(10)} accuracy ${served.meanAccuracy.toFixed(3)} (${served.meanAccuracyOverTime.toFixed(3)} over time), ${served.core_seconds.toFixed(0)} core-s, ${share} % of ${served.requests} requests late or dropped, ${served.changes} changes, ${served.infeasibleSteps} infeasible steps; energy ${joules}`;
	});
	return `${head}\n${lines.join("\n")}\n`;
}
