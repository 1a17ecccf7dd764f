import { basename, join } from "node:path";
import {
	adaptationDefaults,
	type Comparison,
	type ComparisonOptions,
	compareSystems,
	type SystemRow,
	serveOptions,
} from "../adaptation/compareSystems.js";
import { type System, type SystemSettings, standardSystems } from "../adaptation/systems.js";
import { type Footprint, footprint } from "../carbon/footprint.js";
import { writeSeries } from "../datasets/adaptSeries.js";
import { intensitiesFrom, readCarbonIntensity } from "../datasets/carbon.js";
import { readLstm } from "../datasets/dataFiles.js";
import { packageRoot } from "../datasets/root.js";
import { readLoad, readTrace, readWindows } from "../datasets/trace.js";
import { damped } from "../forecast/loads.js";
import { predictorNames } from "../forecast/predictors.js";
import { pipelineOptions } from "../pipeline/options.js";
import { readSystems } from "../published/systemsFile.js";
import { decimals } from "../report/format.js";
import { accuracyText, floorOf, floorText, systemText } from "../report/pipelineWords.js";
import { answer, describeCommand, type Options, refuse, reportOption, type Values } from "./command.js";
import { basisOption } from "./footprintCommand.js";
import {
	alphaOption,
	comparisonOption,
	energyWeightOptions,
	modelEnergyOption,
	pipelineSource,
	withEnergyModel,
	withEnergyWeight,
} from "./pipelineOptions.js";

const threeWeeks_s = 21 * 24 * 3600;
const load = "The load";

const options = {
	window: {
		value: "NAME",
		about: "of the Twitter trace: bursty, steady_low, steady_high, fluctuating, three-weeks",
		otherwise: "bursty",
		group: load,
	},
	trace: {
		value: "FILE",
		about:
			"in place of a window: a load of your own, requests in each second (FILE.csv with a column requests, or a number a line); init trace writes one",
		group: load,
	},
	from: {
		value: "S",
		about: "in place of a window: the trace from this second on",
		unit: "s",
		range: "whole",
		group: load,
	},
	seconds: {
		value: "N",
		about: "how long (a day where only --from is given)",
		unit: "s",
		range: "positive integer",
		group: load,
	},
	...pipelineSource,
	...modelEnergyOption,
	...alphaOption,
	...energyWeightOptions,
	systems: { value: "FILE", about: "systems of your own beside the five (docs/systems.md)" },
	predictor: {
		value: "NAME",
		about: "for every system, in place of its own (the LSTM where it names none)",
		choices: predictorNames,
	},
	zone: {
		value: "ZONE",
		about:
			"grams of CO2-equivalent too, from hourly average intensities of 2023: AU-SA, GB, NL, US-CAL-CISO, US-TEX-ERCO",
	},
	start: {
		value: "TIME",
		about: "with --zone: when the run begins, as 2023-07-01T00:00:00Z",
		otherwise: "the year's beginning",
	},
	...basisOption,
	trigger: {
		value: "SHARE",
		about:
			"with --carbon-weight and --zone, where energy's weight follows the hour's intensity: by what share of the mean it must move to be decided anew",
		range: "not negative",
		otherwise: "0.05",
	},
	startup: {
		value: "S",
		about: "time until a decision takes over",
		unit: "s",
		range: "not negative",
		fallback: adaptationDefaults.startup_s,
	},
	seed: { value: "N", about: "of the requests' arrivals", range: "whole", fallback: adaptationDefaults.seed },
	csv: {
		value: "FILE",
		about:
			"also write one row a decision of every system: load, forecast, plan, accuracy, cores, energy, late requests",
	},
	json: { about: "a row a system as JSON" },
	...reportOption,
} as const satisfies Options;

type Given = Values<typeof options>;

export const adaptCommand = describeCommand({
	about:
		"IPA's adaptation loop over a window of the Twitter trace, for FA2-low, FA2-high, RIM, IPA, and IPA with energy in its objective: accuracy, cost, energy and SLA violations from a simulation of the stages' queues, a decision every 10 s. A batch takes the profile's service time; energy is unavailable where the profile has none.",
	examples: ["--window bursty --model-energy --delta 1", "--from 86400 --seconds 3600 --csv series.csv"],
	options,
	run: async (call) => {
		const { values, note } = call;
		const { predictor, seed, startup: startup_s } = values;
		const load = await loadOf(values);
		const hours = Math.ceil(load.rps.length / 3600);
		// Before the simulation, which takes a minute over three weeks: a start that the series does not reach is said at once.
		const hourly = values.zone === undefined ? undefined : await hourlyFrom(values, values.zone, hours);
		const grid = gridOf(values, hourly);
		const comparison = await comparisonOf(
			grid === undefined ? values : { ...values, intensity: grid.rule.mean_g_per_kwh },
			note,
		);
		const { spec } = comparison;
		const how = {
			...(predictor === undefined ? {} : { predictor }),
			window: load.name,
			startup_s,
			seed,
			...(grid === undefined ? {} : { grid }),
		};
		const { weights: lstm } = await readLstm(join(packageRoot, "data/models/lstm.json"));
		const rows = compareSystems(comparison, load.rps, { ...how, lstm }).map((row) => ({
			...row,
			carbon: carbonOf(row, hourly),
		}));
		if (values.csv !== undefined) await writeSeries(values.csv, rows);
		const whole = rows.map((row) => ({ ...row, ...floorOf(spec, load.rps) }));
		const head = `${spec.name} over ${load.name}, ${predictor ?? "each system's predictor"}, planned for an SLA of ${decimals(2)(pipelineOptions(spec).sla_s)} s, late after ${decimals(2)(serveOptions(comparison, {}).late_after_s)} s, seed ${seed}; queues simulated (modelled); accuracy: ${accuracyText(spec)}`;
		const floor = [floorText(spec, load.rps) ?? []].flat();
		const lines = [head, ...rows.map(systemText), ...floor];
		// The steps are the table's: --csv.
		answer(values.json, whole, () => lines.join("\n"), "steps");
		if (values.report !== undefined) {
			const { keptBeside, reportOn } = await import("./reportCommand.js");
			// The notebook's table has what the lines of the systems say, but for grams.
			const told = hourly === undefined ? [head, ...floor] : lines;
			const run = { comparison, load: load.name, rates_rps: load.rps, options: how, told };
			await reportOn("own/adapt", { runFile: await keptBeside(values.report, "run", run) }, values.report, call);
		}
		return 0;
	},
});

async function loadOf({ window = "bursty", trace: own, from, seconds }: Given) {
	if (own !== undefined) {
		const all = await readLoad(own);
		const first = from ?? 0;
		const end = first + (seconds ?? all.length - first);
		if (first >= end || end > all.length)
			refuse("--from, --seconds", `must lie in the trace of ${all.length} s`, `${first} to ${end}`);
		return { name: basename(own), rps: all.subarray(first, end) };
	}
	const cut = from !== undefined || seconds !== undefined;
	if (cut || window === "three-weeks") {
		const trace = await readTrace(join(packageRoot, "data/raw/twitter/twitter-per-second.txt.gz"));
		const first = from ?? 0;
		const length = cut ? (seconds ?? 86_400) : threeWeeks_s;
		if (first + length > trace.length)
			refuse("--from, --seconds", `must lie in the trace of ${trace.length} s`, first + length);
		return {
			name: cut ? `seconds ${first} to ${first + length} of the trace` : window,
			rps: damped(trace.subarray(first, first + length), 8),
		};
	}
	const windows = await readWindows(join(packageRoot, "data/raw/twitter/twitter-workload-windows.csv"));
	const found = windows.get(window);
	if (found === undefined)
		return refuse("--window", `must be one of ${[...windows.keys(), "three-weeks"].join(", ")}`, window);
	return { name: found.name, rps: found.rps_damped8 };
}

async function comparisonOf(values: Given, note: (line: string) => void): Promise<Comparison> {
	// The trace gives the rate of each decision, so an experiment that has none is as good as another.
	const given = await comparisonOption({ ...values, rate: 0 }, note);
	const { systems: five = standardSystems } = given;
	const systems = values.systems === undefined ? five : await readSystems(values.systems, five);
	const { alpha } = values;
	const spec = await withEnergyModel(withEnergyWeight(given.spec, values), values["model-energy"]);
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
async function hourlyFrom({ basis, start = "2023-01-01T00:00:00Z" }: Given, zone: string, hours: number) {
	const all = await readCarbonIntensity(join(packageRoot, "data/raw/carbon-intensity-2023"));
	const hourly = intensitiesFrom(all, { zone, basis, start }, "--start");
	if (hourly.length < hours)
		refuse(
			"--start",
			`must leave ${hours} hours of the series for the load, which has ${hourly.length} from there`,
			start,
		);
	return hourly;
}

/** The grid that energy's weight follows: the zone's hours under the load, where carbon is the term and no one intensity is given. */
function gridOf(values: Given, hourly: readonly number[] | undefined): ComparisonOptions["grid"] {
	const { "carbon-weight": weight, intensity, trigger } = values;
	if (weight === undefined || intensity !== undefined || hourly === undefined) {
		if (trigger !== undefined)
			refuse("--trigger", "must stand with --carbon-weight and --zone, without --intensity", trigger);
		return undefined;
	}
	const mean_g_per_kwh = hourly.reduce((sum, g_per_kwh) => sum + g_per_kwh, 0) / hourly.length;
	return {
		hourly_g_per_kwh: hourly,
		rule: { share: trigger ?? 0.05, reference_g_per_kwh: mean_g_per_kwh, mean_g_per_kwh },
	};
}

function carbonOf({ outcome }: SystemRow, hourly: readonly number[] | undefined): Footprint | undefined {
	if (hourly === undefined || outcome.status !== "served" || outcome.served.energy.status !== "available")
		return undefined;
	return footprint(outcome.served.energy.joules, outcome.served.interval_s, hourly);
}
