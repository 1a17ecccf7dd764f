import { medianSorted } from "simple-statistics";
import { type Alignment, type AlignOptions, align, alignDefaults } from "./align.js";
import { meansOf, type Phase, phase, served } from "./phases.js";
import { meanPower, type PowerLog, powerSteps } from "./powerLog.js";
import type { Serving } from "./serving.js";

/** A decision of an adapter: what it meant to run from a moment of the load on. */
export interface Decision {
	/** From the begin of the load, s. */
	readonly t_s: number;
	readonly serving: Serving;
}

/** A run: its log, the load that was replayed, what it was started with, and what an adapter then decided. */
export interface DeployedRun {
	readonly run: string;
	readonly system: string;
	readonly workload: string;
	readonly log: PowerLog;
	/** Requests sent in each second. */
	readonly load_rps: ArrayLike<number>;
	/** Absent where nobody says what was deployed: such a run gives its floor and its joules alone. */
	readonly started: Serving | undefined;
	/** `first decision`: nobody says what the run was started with, so it is what was decided first. */
	readonly started_from?: "table" | "first decision";
	readonly decisions: readonly Decision[];
	/** Begin of the load as whoever made the run states it, s: taken where the power does not tell. */
	readonly stated_start_s?: number | undefined;
}

/** A run with its load found, in steps. */
export interface AlignedRun extends Omit<DeployedRun, "decisions"> {
	readonly alignment: Extract<Alignment, { status: "aligned" }>;
	/** `power`: found; `stated`: the power does not tell, and the table of runs does. */
	readonly start_from: "power" | "stated";
	/** Why the power does not tell. */
	readonly start_reason?: string;
	readonly step_s: number;
	/** Mean package power of each step of the load, W. */
	readonly power_w: Float64Array;
	/** The median of its seconds, which a burst does not move, W. */
	readonly median_w: Float64Array;
	readonly load_rps_mean: Float64Array;
	/** By the configuration that the run was started with. */
	readonly started_steps?: ServingSteps;
	/** By the decisions; a step before the first one has NaN. */
	readonly decided_steps?: ServingSteps;
}

/** What a configuration, or a course of them, keeps busy in each step. */
export interface ServingSteps {
	readonly served_rps: Float64Array;
	readonly busy_cores: Float64Array;
	readonly cost_cores: Float64Array;
}

/** Length of a step: IPA decides every 10 s. */
export const step_s = 10;

/** Finds the load of a run, and cuts it into steps. The reason where neither the power nor the table of runs tells. */
export function alignRun(
	run: DeployedRun,
	options?: AlignOptions,
): AlignedRun | { readonly run: string; readonly reason: string } {
	const { log, load_rps, started, decisions, stated_start_s, ...rest } = run;
	const decided = decidedSteps(load_rps, decisions);
	const settings = {
		...alignDefaults,
		...options,
		courses: decided === undefined ? [] : [bySecond(decided.busy_cores, load_rps.length)],
	};
	const found = align(log, load_rps, settings);
	if (found.status === "undetermined" && stated_start_s === undefined) return { run: run.run, reason: found.reason };
	const alignment =
		found.status === "aligned" ? found : align(log, load_rps, { ...settings, at_s: stated_start_s as number });
	if (alignment.status === "undetermined") return { run: run.run, reason: alignment.reason };
	const steps = Math.floor(load_rps.length / step_s);
	const begin = alignment.load_start_s;
	const seconds = powerSteps(log, begin, steps * step_s, 1);
	return {
		...rest,
		log,
		load_rps,
		started,
		stated_start_s,
		alignment,
		start_from: found.status === "aligned" ? "power" : "stated",
		...(found.status === "aligned" ? {} : { start_reason: found.reason }),
		step_s,
		power_w: powerSteps(log, begin, steps, step_s),
		median_w: Float64Array.from({ length: steps }, (_, k) =>
			medianSorted([...seconds.subarray(k * step_s, (k + 1) * step_s)].sort((a, b) => a - b)),
		),
		load_rps_mean: meansOf(load_rps, step_s),
		...(started === undefined ? {} : { started_steps: startedSteps(load_rps, started) }),
		...(decided === undefined ? {} : { decided_steps: decided }),
	};
}

/** Steps as seconds; what nobody decided yet counts as idle. */
function bySecond(steps: Float64Array, length: number): Float64Array {
	return Float64Array.from({ length }, (_, second) => steps[Math.floor(second / step_s)] || 0);
}

function startedSteps(load_rps: ArrayLike<number>, serving: Serving): ServingSteps {
	const served_rps = meansOf(served(load_rps, serving.capacity_rps).subarray(0, load_rps.length), step_s);
	return {
		served_rps,
		busy_cores: served_rps.map((rate) => rate * serving.busy_core_s_per_request),
		cost_cores: served_rps.map(() => serving.cost_cores),
	};
}

/** As IPA means it: a decision holds from its moment on, and what it cannot carry is dropped. */
function decidedSteps(load_rps: ArrayLike<number>, decisions: readonly Decision[]): ServingSteps | undefined {
	if (decisions.length === 0) return undefined;
	const sorted = decisions.toSorted((a, b) => a.t_s - b.t_s);
	const load = meansOf(load_rps, step_s);
	const at = (k: number) => sorted.findLast(({ t_s }) => t_s <= k * step_s)?.serving;
	const of = (value: (serving: Serving, rate: number) => number) =>
		load.map((rate, k) => {
			const serving = at(k);
			return serving === undefined ? Number.NaN : value(serving, rate);
		});
	return {
		served_rps: of(({ capacity_rps }, rate) => Math.min(rate, capacity_rps)),
		busy_cores: of((own, rate) => Math.min(rate, own.capacity_rps) * own.busy_core_s_per_request),
		cost_cores: of(({ cost_cores }) => cost_cores),
	};
}

/** Mean package power in a phase of a run, W; undefined where the log has none of it. */
export function phasePower({ log, alignment }: AlignedRun, name: Phase["name"]): number | undefined {
	const own = phase(alignment.phases, name);
	return own === undefined ? undefined : meanPower(log, own.from_s, own.until_s);
}
