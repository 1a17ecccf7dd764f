import { InputError } from "../errors.js";
import { forecastLoads } from "../forecast/loads.js";
import type { LstmWeights } from "../forecast/lstm.js";
import { type Predictor, type PredictorName, predictor } from "../forecast/predictors.js";
import { pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { adaptTo, type Step } from "./adapt.js";
import { decideOnGrid, type GridRule } from "./followGrid.js";
import { type Served, type ServeOptions, serve } from "./serve.js";
import {
	decider,
	initialPlan,
	type System,
	type SystemSettings,
	settingsIn,
	standardSystems,
	systemSpec,
	type TieRule,
} from "./systems.js";

/** A pipeline, the systems that are compared on it, and when a request counts as late or is dropped. */
export interface Comparison {
	readonly spec: PipelineSpec;
	/** Default: `standardSystems`; one that weighs energy is unavailable where the pipeline weighs none or lacks some. */
	readonly systems?: readonly System[];
	/** Default: the pipeline's SLA. */
	readonly late_after_s?: number;
	/** Default: twice the time after which a request is late. */
	readonly drop_after_s?: number;
	/** Default: `fewest-changes`. */
	readonly ofEqualOptima?: TieRule;
	/** Of systems that name none; the LSTM where this does not either. */
	readonly predictor?: PredictorName;
	/** Percent that is added to the forecasts of systems that do not say; 0 where not given. */
	readonly predictor_margin_pct?: number;
}

export interface ComparisonOptions {
	/** In place of every system's own. */
	readonly predictor?: PredictorName | Predictor;
	/** Weights of the LSTM, without which it is no predictor. */
	readonly lstm?: LstmWeights;
	/** Name of the window of load, for what the systems do differently over it. */
	readonly window?: string;
	/** Names of the systems to run; all where not given. */
	readonly only?: readonly string[];
	/** Seconds from the start of a decision until its replicas serve. */
	readonly startup_s?: number;
	readonly seed?: number;
	/** The weight of energy follows the grid, in systems that weigh it: see `decideOnGrid`. Hours of the load, g/kWh. */
	readonly grid?: { readonly hourly_g_per_kwh: ArrayLike<number>; readonly rule: GridRule };
	/** Keep every request's times: see `serve`. */
	readonly keepRequests?: boolean;
}

/**
 * IPA's own settings, where it states them: a decision every 10 s on the last 120 s, and batches that wait 1 s
 * (adaptation_interval, monitoring_duration and max_batch_time of data/configs/final at e1f08dd); a request is dropped
 * past twice the SLA (the paper's section 4.5, which between stages also drops what is past the SLA already: late either
 * way, and served here), or after what a preset says. A decision serves 10 s after it was begun: up to 2 s to decide and
 * about 8 s to apply (the paper's section on Figure 13: "8 + 2 = 10").
 */
export const adaptationDefaults = {
	interval_s: 10,
	history_s: 120,
	startup_s: 10,
	seed: 1,
	batchTimeout_s: 1,
	dropAfterSlas: 2,
} as const;

export type SystemOutcome =
	| { readonly status: "served"; readonly served: Served; readonly steps: readonly Step[] }
	| { readonly status: "unavailable"; readonly reason: string };

export interface SystemRow {
	readonly system: string;
	readonly outcome: SystemOutcome;
}

/** What a system decides, step by step, or why it was not run. */
export interface SystemDecisions {
	readonly system: string;
	readonly outcome:
		| { readonly status: "decided"; readonly steps: readonly Step[] }
		| { readonly status: "unavailable"; readonly reason: string };
}

/**
 * What every system decides over the same load, one row a system; nothing is served.
 *
 * @throws InputError where two systems have one name, `only` names none of them, a setting does not fit the pipeline, or
 *   the LSTM has no weights
 */
export function decideSystems(
	comparison: Comparison,
	perSecond: ArrayLike<number>,
	options: ComparisonOptions,
): SystemDecisions[] {
	const { interval_s, history_s } = adaptationDefaults;
	const forecasts = new Map<string, Float64Array>();
	const forecast = ({ predictor: own, predictor_margin_pct }: SystemSettings): Float64Array => {
		const margin_pct = predictor_margin_pct ?? comparison.predictor_margin_pct ?? 0;
		const wanted = options.predictor ?? own ?? comparison.predictor ?? "lstm";
		const key = `${typeof wanted === "string" ? wanted : "given"} ${margin_pct}`;
		const known = forecasts.get(key);
		if (known !== undefined) return known;
		const predict = typeof wanted === "string" ? named(wanted, options.lstm) : wanted;
		// All but the LSTM, and what a caller wrote, answer to as many maxima as there are.
		const needs = typeof wanted === "string" && wanted !== "lstm" ? { needs: 1 } : {};
		const made = forecastLoads(perSecond, { interval_s, history_s, predictor: predict, margin_pct, ...needs });
		forecasts.set(key, made);
		return made;
	};
	return chosen(comparison.systems ?? standardSystems, options.only).map((system) => {
		const settings = settingsIn(system, options.window);
		const spec = systemSpec(comparison.spec, system.name, settings);
		const reason = settings.energy === true ? whyNoEnergy(spec) : undefined;
		if (reason !== undefined) return { system: system.name, outcome: { status: "unavailable", reason } };
		const deciderOf = (of: PipelineSpec) => decider(of, comparison.ofEqualOptima);
		const { grid } = options;
		const decide =
			grid === undefined || settings.energy !== true
				? deciderOf(spec)
				: decideOnGrid(spec, grid.hourly_g_per_kwh, grid.rule, deciderOf);
		const steps = adaptTo(forecast(settings), { interval_s, decide, initial: initialPlan(spec) });
		return { system: system.name, outcome: { status: "decided", steps } };
	});
}

/** Runs every system over the same load and serves it, one row a system: see `decideSystems`. Arrivals are the same for all. */
export function compareSystems(
	comparison: Comparison,
	perSecond: ArrayLike<number>,
	options: ComparisonOptions,
): SystemRow[] {
	const serving = serveOptions(comparison, options);
	return decideSystems(comparison, perSecond, options).map(({ system, outcome }): SystemRow => {
		if (outcome.status === "unavailable") return { system, outcome };
		const { steps } = outcome;
		return { system, outcome: { status: "served", steps, served: serve(perSecond, steps, serving) } };
	});
}

/** How a pipeline is served: as the comparison says, and under IPA's settings. */
export function serveOptions(
	{ spec, late_after_s = pipelineOptions(spec).sla_s, drop_after_s }: Comparison,
	{
		startup_s = adaptationDefaults.startup_s,
		seed = adaptationDefaults.seed,
		keepRequests = false,
	}: Pick<ComparisonOptions, "startup_s" | "seed" | "keepRequests">,
): ServeOptions {
	const { batchTimeout_s, dropAfterSlas, interval_s } = adaptationDefaults;
	return {
		late_after_s,
		drop_after_s: drop_after_s ?? dropAfterSlas * late_after_s,
		batchTimeout_s,
		interval_s,
		startup_s,
		seed,
		...(keepRequests ? { keepRequests } : {}),
	};
}

function chosen(systems: readonly System[], only: readonly string[] | undefined): readonly System[] {
	const fail = (rule: string, value: unknown): never => {
		throw new InputError({ file: "systems", rule, value });
	};
	const names = new Set<string>();
	for (const { name } of systems) {
		if (names.has(name)) fail("must each have a name of its own", name);
		names.add(name);
	}
	for (const name of only ?? []) if (!names.has(name)) fail(`must be one of ${[...names].join(", ")}`, name);
	return only === undefined ? systems : systems.filter(({ name }) => only.includes(name));
}

function named(name: PredictorName, lstm: LstmWeights | undefined): Predictor {
	if (name !== "lstm") return predictor(name);
	if (lstm === undefined)
		throw new InputError({ file: "systems", field: "predictor", rule: "must come with weights where it is the LSTM" });
	return predictor(name, lstm);
}

function whyNoEnergy({ weights, prices, stages }: PipelineSpec): string | undefined {
	if (weights.delta === 0 && prices === undefined)
		return "the pipeline weighs no energy: delta is 0 and it has no prices";
	for (const { name, points } of stages) {
		const without = points.find(({ energy }) => energy === undefined);
		if (without !== undefined)
			return `${name}: ${without.variant} on ${without.cores} cores, batch ${without.batch}, has no energy in the profile`;
	}
	return undefined;
}

/** A stretch of a trace, as replayed: requests in each second. */
export interface LoadWindow {
	readonly name: string;
	readonly rps_damped8: ArrayLike<number>;
}

/** What every system came to over one window. */
export interface WindowRun {
	readonly window: string;
	/** Requests in each second. */
	readonly perSecond: ArrayLike<number>;
	readonly rows: readonly SystemRow[];
}

/** A comparison over several windows, each begun afresh. */
export interface WindowStudy extends Comparison {
	readonly runs: readonly WindowRun[];
	readonly options: Omit<ComparisonOptions, "window">;
}

/**
 * Runs every system over each window: see `compareSystems`.
 *
 * @example
 * const { spec } = await pipeline.readPreset("sum-qa");
 * const load = [{ name: "a minute", rps_damped8: Array(60).fill(5) }];
 * const { runs } = adaptation.compareWindows({ spec }, load, { predictor: "max", only: ["ipa", "rim"] });
 * runs[0].rows.map(({ system, outcome }) => [system, outcome.status]); // → [["rim", "served"], ["ipa", "served"]]
 */
export function compareWindows(
	comparison: Comparison,
	windows: Iterable<LoadWindow>,
	options: Omit<ComparisonOptions, "window">,
): WindowStudy {
	const runs = Array.from(windows, ({ name, rps_damped8 }) => ({
		window: name,
		perSecond: rps_damped8,
		rows: compareSystems(comparison, rps_damped8, { ...options, window: name }),
	}));
	return { ...comparison, runs, options };
}

/**
 * The same decisions served again with arrivals of other seeds: how far a result hangs on when within their second the
 * requests come. Loads by the second, and so decisions, do not depend on the seed.
 *
 * @throws RangeError where the system was not served
 */
export function serveSeeds(
	study: WindowStudy,
	{ perSecond, rows, window }: WindowRun,
	name: string,
	seeds: readonly number[],
): Served[] {
	const outcome = rows.find(({ system }) => system === name)?.outcome;
	if (outcome?.status !== "served")
		throw new RangeError(`${name}, ${window}: ${outcome === undefined ? "was not run" : outcome.reason}`);
	const { steps } = outcome;
	return seeds.map((seed) => serve(perSecond, steps, serveOptions(study, { ...study.options, seed })));
}

/** What a system came to. Throws RangeError where it was not run, or could not be. */
export function servedBy(rows: readonly SystemRow[], name: string): Served {
	const outcome = rows.find(({ system }) => system === name)?.outcome;
	if (outcome?.status === "served") return outcome.served;
	throw new RangeError(`${name}: ${outcome === undefined ? "was not run" : outcome.reason}`);
}
