import { pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { adaptTo, type Step } from "./adapt.js";
import { forecastLoads } from "./forecastLoads.js";
import type { Predictor } from "./predictors.js";
import { type Served, type ServeOptions, serve } from "./serve.js";
import { decider, type SystemName, systemNames, systemSpec } from "./systems.js";

export interface ComparisonOptions {
	readonly predictor: Predictor;
	/** Default: all; `ipa-energy` is unavailable where the pipeline weighs no energy or a point of it has none. */
	readonly systems?: readonly SystemName[];
	/** Seconds until new replicas serve. */
	readonly startup_s?: number;
	/** Replicas of a stage under RIM, which does not scale. */
	readonly rimReplicas?: number;
	readonly seed?: number;
}

/**
 * IPA's own settings, where it states them: a decision every 10 s on the last 120 s, and batches that wait 1 s
 * (adaptation_interval, monitoring_duration and max_batch_time of data/configs/final at e1f08dd); a request is dropped
 * past twice the SLA (the paper's section 4.5, which between stages also drops what is past the SLA already: late either
 * way, and served here). The start-up and RIM's replicas are assumptions: "a high value" in the paper, 3 in its files for
 * Video.
 */
export const adaptationDefaults = {
	interval_s: 10,
	history_s: 120,
	startup_s: 5,
	rimReplicas: 10,
	seed: 1,
	batchTimeout_s: 1,
	dropAfterSlas: 2,
} as const;

export type SystemOutcome =
	| { readonly status: "served"; readonly served: Served; readonly steps: readonly Step[] }
	| { readonly status: "infeasible" | "unavailable"; readonly reason: string };

export interface SystemRow {
	readonly system: SystemName;
	readonly outcome: SystemOutcome;
}

/** Runs every system over the same load, one row a system; arrivals are the same for all of them. */
export function compareSystems(
	spec: PipelineSpec,
	perSecond: ArrayLike<number>,
	options: ComparisonOptions,
): SystemRow[] {
	const { interval_s, history_s } = adaptationDefaults;
	const forecast_rps = forecastLoads(perSecond, { interval_s, history_s, predictor: options.predictor });
	return (options.systems ?? systemNames).map((system) => ({
		system,
		outcome: run(spec, system, { perSecond, forecast_rps }, options),
	}));
}

/** How a pipeline is served under IPA's settings. */
export function serveOptions(
	spec: PipelineSpec,
	{
		startup_s = adaptationDefaults.startup_s,
		seed = adaptationDefaults.seed,
	}: Pick<ComparisonOptions, "startup_s" | "seed">,
): ServeOptions {
	const { batchTimeout_s, dropAfterSlas, interval_s } = adaptationDefaults;
	return { sla_s: pipelineOptions(spec).sla_s, batchTimeout_s, dropAfterSlas, interval_s, startup_s, seed };
}

function run(
	spec: PipelineSpec,
	system: SystemName,
	{ perSecond, forecast_rps }: { readonly perSecond: ArrayLike<number>; readonly forecast_rps: Float64Array },
	{
		startup_s = adaptationDefaults.startup_s,
		rimReplicas = adaptationDefaults.rimReplicas,
		seed = adaptationDefaults.seed,
	}: ComparisonOptions,
): SystemOutcome {
	const refused = system === "ipa-energy" ? whyNoEnergy(spec) : undefined;
	if (refused !== undefined) return { status: "unavailable", reason: refused };
	const decide = decider(systemSpec(spec, system, rimReplicas));
	const steps = stepsOrReason(() => adaptTo(forecast_rps, { interval_s: adaptationDefaults.interval_s, decide }));
	if (typeof steps === "string") return { status: "infeasible", reason: steps };
	return { status: "served", steps, served: serve(perSecond, steps, serveOptions(spec, { startup_s, seed })) };
}

/** Steps, or why there are none: the loop throws RangeError where not even the first is feasible. */
function stepsOrReason(adapted: () => Step[]): readonly Step[] | string {
	try {
		return adapted();
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		return error.message;
	}
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
