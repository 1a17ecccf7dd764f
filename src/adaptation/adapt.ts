import { type ForecastOptions, forecastLoads } from "../forecast/loads.js";
import type { ProfileEnergy } from "../pipeline/profile.js";
import type { Kind } from "../units.js";
import type { BatchPoint, StageSetting } from "./queue.js";

/** A profiled batch with its energy, absent where the profile has none. */
export interface PlannedBatch extends BatchPoint {
	readonly energy?: ProfileEnergy;
	/** Kind of the latency, which says how long a replica idles; that of the energy where not given. */
	readonly latency_kind?: Kind;
}

/** A stage of a plan, with what its energy needs; energies are absent where the profile has none. */
export interface PlannedStage extends StageSetting, PlannedBatch {
	readonly smaller?: readonly PlannedBatch[];
}

/** A configuration of the pipeline to apply. */
export interface Plan {
	readonly stages: readonly PlannedStage[];
	/** Pipeline accuracy by the pipeline's own method. */
	readonly accuracy: number;
	/** Allocated cores over all replicas. */
	readonly cost_cores: number;
}

export type Decision =
	| { readonly status: "decided"; readonly plan: Plan }
	| { readonly status: "infeasible"; readonly reason: string };

/** Chooses for an arrival rate at a time of the trace; `current` is what runs, for breaking ties by the fewest changes. */
export type Decide = (rate_rps: number, current: Plan | undefined, at_s?: number) => Decision;

export interface AdaptationOptions extends ForecastOptions {
	readonly decide: Decide;
	/** What runs from the start, before the first decision and for as long as no decision is feasible. */
	readonly initial: Plan;
}

/** One decision of the loop. */
export interface Step {
	readonly at_s: number;
	/** The load that was decided for, requests/s; absent at the start, for which nothing is decided. */
	readonly predicted_rps?: number;
	/** The plan in force from `at_s` + start-up on (at the start: at once): the new one, or the old one where the step is infeasible. */
	readonly plan: Plan;
	readonly changed: boolean;
	readonly infeasible?: string;
}

/**
 * IPA's adaptation loop: an initial configuration runs; every interval the maxima of the last blocks are fed to the
 * predictor and the pipeline is optimised for the predicted load. Where no configuration is feasible the current one
 * stays and the step records why.
 *
 * @param perSecond requests in each second; the load of an interval is not known when it is decided for
 * @returns the start, then a step an interval
 * @example
 * const plan = (replicas) => ({
 * 	stages: [{ variant: "resnet18", cores: 1, batch: 1, replicas, latency_s: 0.05 }],
 * 	...{ accuracy: 0.7, cost_cores: replicas },
 * });
 * const decide = (rate_rps) => ({ status: "decided", plan: plan(rate_rps > 10 ? 2 : 1) });
 * const predictor = (maxima) => Math.max(...maxima);
 * const loop = { interval_s: 10, history_s: 120, needs: 1, predictor, decide, initial: plan(1) };
 * const steps = adaptation.adapt([...Array(10).fill(5), ...Array(20).fill(15)], loop);
 * steps.map(({ plan }) => plan.cost_cores); // → [1, 1, 2]
 */
export function adapt(perSecond: ArrayLike<number>, options: AdaptationOptions): Step[] {
	return adaptTo(forecastLoads(perSecond, options), options);
}

/** The same for loads that are forecast already: one forecast serves several systems. */
export function adaptTo(
	forecast_rps: Float64Array,
	{ interval_s, decide, initial }: Pick<AdaptationOptions, "interval_s" | "decide" | "initial">,
): Step[] {
	let current = initial;
	return Array.from(forecast_rps, (predicted_rps, k): Step => {
		const at_s = k * interval_s;
		if (k === 0) return { at_s, plan: initial, changed: false };
		const decision = decide(predicted_rps, current, at_s);
		if (decision.status === "infeasible")
			return { at_s, predicted_rps, plan: current, changed: false, infeasible: decision.reason };
		const changed = !samePlan(decision.plan, current);
		if (changed) current = decision.plan;
		return { at_s, predicted_rps, plan: current, changed };
	});
}

function samePlan(a: Plan, b: Plan): boolean {
	return a.stages.every((stage, i) => {
		const other = b.stages[i] as PlannedStage;
		return (
			stage.variant === other.variant &&
			stage.cores === other.cores &&
			stage.batch === other.batch &&
			stage.replicas === other.replicas
		);
	});
}
