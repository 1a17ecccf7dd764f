import type { ProfileEnergy } from "../pipeline/profile.js";
import type { Kind } from "../units.js";
import { type ForecastOptions, forecastLoads } from "./forecastLoads.js";
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

/** Chooses for an arrival rate; `current` is what runs, for breaking ties by the fewest changes. */
export type Decide = (rate_rps: number, current: Plan | undefined) => Decision;

export interface AdaptationOptions extends ForecastOptions {
	readonly decide: Decide;
}

/** One decision of the loop. */
export interface Step {
	readonly at_s: number;
	readonly predicted_rps: number;
	/** The plan in force from `at_s` + start-up on (at the first step: at once): the new one, or the old one where the step is infeasible. */
	readonly plan: Plan;
	readonly changed: boolean;
	readonly infeasible?: string;
}

/**
 * IPA's adaptation loop: every interval the maxima of the last blocks are fed to the predictor and the pipeline is
 * optimised for the predicted load. Where no configuration is feasible the current one stays and the step records why.
 *
 * @param perSecond requests in each second; the load of an interval is not known when it is decided for
 * @throws RangeError where not even the first step is feasible, since nothing could run then
 */
export function adapt(perSecond: ArrayLike<number>, options: AdaptationOptions): Step[] {
	return adaptTo(forecastLoads(perSecond, options), options);
}

/** The same for loads that are forecast already: one forecast serves several systems. */
export function adaptTo(
	forecast_rps: Float64Array,
	{ interval_s, decide }: Pick<AdaptationOptions, "interval_s" | "decide">,
): Step[] {
	const steps: Step[] = [];
	let current: Plan | undefined;
	for (const [k, predicted_rps] of forecast_rps.entries()) {
		const decision = decide(predicted_rps, current);
		const at_s = k * interval_s;
		if (decision.status === "decided") {
			const changed = current !== undefined && !samePlan(decision.plan, current);
			const plan = current === undefined || changed ? decision.plan : current;
			steps.push({ at_s, predicted_rps, plan, changed });
			current = plan;
		} else {
			if (current === undefined)
				throw new RangeError(
					`no configuration is feasible at the first step (${predicted_rps} rps): ${decision.reason}`,
				);
			steps.push({ at_s, predicted_rps, plan: current, changed: false, infeasible: decision.reason });
		}
	}
	return steps;
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
