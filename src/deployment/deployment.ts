import { groupBy } from "../group.js";
import type { CorePower } from "../pipeline/energy.js";
import { normalQuantile } from "../statistics/distributions.js";
import { actedOn, type RunActedOn } from "./actedOn.js";
import type { AlignOptions } from "./align.js";
import { type BootstrapOptions, type BusyCoreFit, busyCoreFit, type Estimate, explainedBy } from "./busyCores.js";
import {
	type AllocatedCore,
	allocatedCores,
	type Difference,
	type Drift,
	driftOf,
	idleCores,
	interval,
	meanOf,
	type Ranking,
	type RunPower,
	rankings,
	runPowers,
	sameCostOtherVariants,
} from "./comparisons.js";
import { type AlignedRun, alignRun, type DeployedRun, phasePower } from "./deployedRun.js";
import { type AlignmentFlag, type Phase, phase } from "./phases.js";
import { meanPower } from "./powerLog.js";

/** One run as metered: powers in W, energies in J a request. Package energy unless the name says DRAM. */
export interface RunRow {
	readonly run: string;
	readonly system: string;
	readonly workload: string;
	readonly configuration: string | undefined;
	/** Who says so. */
	readonly configuration_from: "table" | "first decision" | undefined;
	readonly cost_cores: number | undefined;
	readonly load_start_s: number;
	readonly start_from: "power" | "stated";
	readonly idle_w: number | undefined;
	readonly load_w: number;
	readonly undisturbed_w: number;
	readonly after_w: number | undefined;
	readonly dram_w: number | undefined;
	readonly requests_sent: number;
	readonly j_per_request_sent: number;
	/** By the configuration's capacity, hence modelled. */
	readonly j_per_request_served: number | undefined;
	readonly flat_above_rps: number | undefined;
	readonly disturbed_steps: number;
	readonly flags: readonly AlignmentFlag[];
	/** What each stretch of the log is of, on its own clock. */
	readonly phases: readonly Phase[];
}

/** Everything that the runs of a deployment say of its energy. Every estimate is of package power. */
export interface Deployment {
	readonly runs: readonly RunRow[];
	/** Runs that could not be aligned, and why: they enter nothing. */
	readonly refused: readonly { readonly run: string; readonly reason: string }[];
	/** Recordings that overlap by their node's clock: they read the same counters. */
	readonly overlapping: readonly (readonly [string, string])[];
	/** The node at rest, W; undefined where no log begins idle. */
	readonly floor_w: Estimate | undefined;
	/** Standard deviation of the floor over runs, W. */
	readonly floor_sd_w: number | undefined;
	/** Share of the joules of the loaded time that the floor takes. */
	readonly floor_share: number | undefined;
	/** Memory at rest, W, where it was metered. */
	readonly floor_dram_w: Estimate | undefined;
	readonly busy_cores: BusyCoreFit | { readonly status: "unavailable"; readonly reason: string };
	/** Shares of the variance of the steps' power, undisturbed ones. */
	readonly explained: {
		readonly busy_cores: number | undefined;
		readonly allocated_cores: number | undefined;
		readonly decided_busy_cores: number | undefined;
		readonly decided_cores: number | undefined;
	};
	readonly idle_core_low_load_w: Estimate | undefined;
	readonly idle_core_after_load_w: Estimate | undefined;
	readonly allocated_cores: readonly AllocatedCore[];
	readonly same_cost_other_variants: readonly Difference[];
	readonly drift: Drift;
	readonly rankings: readonly Ranking[];
	readonly acted_on: readonly RunActedOn[];
	readonly options: BootstrapOptions;
}

export const deploymentDefaults: BootstrapOptions & AlignOptions = {
	seed: 1,
	resamples: 1000,
	level: 0.95,
	idle_s: 10,
};

/**
 * The energy of a deployment from its power logs: the load of each run is found, runs of one configuration under one load
 * are taken as repetitions, and the power is put down to the node's floor, busy cores and allocated idle ones. Whether
 * the decisions that an adapter logged were acted on is tested, run by run, and not taken for granted.
 *
 * Nothing is compared over whole logs, which hold idle time, set-up and tails of any length: a run whose load is not
 * found is refused.
 *
 * @example
 * const runs = await pipeline.readVideoDeployment();
 * Math.round(evaluation.deployment(runs.slice(0, 2)).floor_w.value); // → 75
 */
export function deployment(
	given: readonly DeployedRun[],
	options: BootstrapOptions & AlignOptions = deploymentDefaults,
): Deployment {
	const { level } = options;
	const outcomes = given.map((run) => alignRun(run, options));
	const runs = outcomes.filter((outcome): outcome is AlignedRun => "alignment" in outcome);
	const busy = busyCoreFit(runs, options);
	const steps = busy.status === "fitted" ? busy.steps : [];
	const line =
		busy.status === "fitted" ? { slope: busy.w_per_busy_core.value, intercept: busy.serving_w.value } : undefined;
	const powers = runPowers(runs, steps, line);
	const drift = driftOf(powers);
	const floors = runs.flatMap((run) => phasePower(run, "idle") ?? []);
	const floor_w = meanEstimate(floors, level);
	const idle = idleCores(powers, steps, drift, level);
	const loaded_w = meanOf(powers.map(({ load_w }) => load_w));
	return {
		runs: powers.map(rowOf),
		refused: outcomes.flatMap((outcome) => ("reason" in outcome ? [{ run: outcome.run, reason: outcome.reason }] : [])),
		overlapping: overlaps(given),
		floor_w,
		floor_sd_w: floors.length > 1 ? spread(floors) : undefined,
		floor_share: floor_w === undefined || runs.length === 0 ? undefined : floor_w.value / loaded_w,
		floor_dram_w: meanEstimate(runs.flatMap(idleDram), level),
		busy_cores: busy,
		explained: {
			busy_cores: explainedBy(steps, ({ busy_cores }) => busy_cores),
			allocated_cores: explainedBy(steps, ({ cost_cores }) => cost_cores),
			decided_busy_cores: explainedBy(steps, ({ decided_busy_cores }) => decided_busy_cores),
			decided_cores: explainedBy(steps, ({ decided_cost_cores }) => decided_cost_cores),
		},
		idle_core_low_load_w: idle.low_load,
		idle_core_after_load_w: idle.after_load,
		allocated_cores: allocatedCores(powers, drift, level),
		same_cost_other_variants: sameCostOtherVariants(powers, drift, level),
		drift,
		rankings: rankings(powers),
		acted_on: actedOn(runs, { ...options, drift_sd_w: drift.sd_w }),
		options: { seed: options.seed, resamples: options.resamples, level },
	};
}

function rowOf({ run, load_w, undisturbed_w, disturbed_steps }: RunPower): RunRow {
	const { alignment, started, started_steps, load_rps, log, start_from } = run;
	const load = phase(alignment.phases, "load");
	if (load === undefined) throw new RangeError(`run ${run.run} has no load`);
	const requests_sent = Array.from(load_rps).reduce((sum, rate) => sum + rate, 0);
	const joules = meanPower(log, load.from_s, load.until_s) * (load.until_s - load.from_s);
	const share =
		started_steps === undefined ? undefined : meanOf([...started_steps.served_rps]) / meanOf([...run.load_rps_mean]);
	return {
		run: run.run,
		system: run.system,
		workload: run.workload,
		configuration: started?.label,
		configuration_from: run.started_from,
		cost_cores: started?.cost_cores,
		load_start_s: alignment.load_start_s,
		start_from,
		idle_w: phasePower(run, "idle"),
		load_w,
		undisturbed_w,
		after_w: phasePower(run, "after"),
		dram_w: log.dram_j === undefined ? undefined : meanPower(log, load.from_s, load.until_s, "dram"),
		requests_sent,
		j_per_request_sent: joules / requests_sent,
		j_per_request_served: share === undefined ? undefined : joules / (requests_sent * share),
		flat_above_rps: alignment.flat_above_rps,
		disturbed_steps,
		flags: alignment.flags,
		phases: alignment.phases,
	};
}

function idleDram({ log, alignment }: AlignedRun): number[] {
	const idle = phase(alignment.phases, "idle");
	return idle === undefined || log.dram_j === undefined ? [] : [meanPower(log, idle.from_s, idle.until_s, "dram")];
}

function meanEstimate(values: readonly number[], level: number): Estimate | undefined {
	if (values.length === 0) return undefined;
	const value = meanOf(values);
	if (values.length === 1) return { value, n: 1 };
	return interval(value, spread(values) / Math.sqrt(values.length), values.length - 1, level, values.length);
}

function spread(values: readonly number[]): number {
	const mean = meanOf(values);
	return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** Recordings of one node whose times overlap by its clock. */
function overlaps(runs: readonly DeployedRun[]): (readonly [string, string])[] {
	const timed = [...groupBy(runs, ({ log }) => log)].flatMap(([log, [first]]) => {
		const begin_s = Date.parse(log.started ?? "") / 1000;
		return Number.isNaN(begin_s) || first === undefined
			? []
			: [{ run: first.run, begin_s, end_s: begin_s + (log.end_s.at(-1) as number) }];
	});
	return timed.flatMap((one, i) =>
		timed
			.slice(i + 1)
			// The clock is written to the second.
			.filter((other) => one.begin_s < other.end_s - 1 && other.begin_s < one.end_s - 1)
			.map((other) => [one.run, other.run] as const),
	);
}

/**
 * What a deployment says a core and its node draw, in the form that models a pipeline's energy: the floor with the
 * pipeline at work, an idle core as the mean of its two comparisons (never below 0), a busy core above it. Standard errors
 * are half-widths of the intervals over the normal quantile of their level. The reason where the logs do not tell.
 *
 * @example
 * corePowerOf(deployment(await readVideoDeployment())); // { idle_w_per_core: 0.09…, full_w_per_core: 11.2…, floor_w: 77.2…, … }
 */
export function corePowerOf({
	busy_cores: busy,
	idle_core_low_load_w,
	idle_core_after_load_w,
	options: { level },
}: Deployment): CorePower | { readonly status: "unavailable"; readonly reason: string } {
	if (busy.status === "unavailable") return busy;
	const idles = [idle_core_low_load_w, idle_core_after_load_w].flatMap((estimate) => estimate?.value ?? []);
	if (idles.length === 0)
		return { status: "unavailable", reason: "no two configurations of the same variants have different cores" };
	const idle = Math.max(0, idles.reduce((sum, value) => sum + value, 0) / idles.length);
	const se = ({ low, high }: Estimate) =>
		low === undefined || high === undefined ? undefined : (high - low) / 2 / normalQuantile((1 + level) / 2, 0, 1);
	return {
		idle_w_per_core: idle,
		full_w_per_core: idle + busy.w_per_busy_core.value,
		full_se_w_per_core: se(busy.w_per_busy_core),
		floor_w: busy.serving_w.value,
		floor_se_w: se(busy.serving_w),
	};
}
