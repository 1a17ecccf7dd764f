import { InputError } from "../errors.js";
import { type Configuration, configuration, type StageChoice } from "../pipeline/configuration.js";
import { type PipelineOptions, pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { explainInfeasible, type Infeasible } from "./infeasible.js";
import { type Item, stageItems } from "./items.js";
import { labelSearch } from "./labels.js";
import type { Limits } from "./limits.js";
import { nearBest } from "./nearBest.js";

/** Bounds on a configuration, beside the SLA and the arrival rate that always hold. */
export interface Bounds {
	readonly max_energy_j_per_request?: number;
	readonly max_power_w?: number;
	readonly max_cost_cores?: number;
	readonly min_accuracy?: number;
	/** Tighter than the SLA where given, s. */
	readonly max_latency_s?: number;
}

export interface OptimizeOptions {
	readonly bounds?: Bounds;
	/** Also the k best configurations, replicas beyond the fewest included. */
	readonly k?: number;
	/** Also every configuration that ties with the best, up to `tieLimit` (default 1000). */
	readonly ties?: boolean;
	readonly tieLimit?: number;
}

/** The best configuration, or why there is none. */
export type Optimum =
	| {
			readonly status: "optimal";
			readonly configuration: Configuration;
			/** Best first; with `k`. */
			readonly best?: readonly Configuration[];
			/** With `ties`: those within 1e-9 relative of the best objective. */
			readonly ties?: readonly Configuration[];
			readonly tiesCut?: boolean;
	  }
	| Infeasible;

/**
 * The configuration with the best objective alpha x accuracy - beta x cost - gamma x batches - delta x energy that
 * carries the arrival rate within the SLA and the bounds: exact, for any number of stages and all accuracy methods.
 *
 * Replicas are the fewest that carry the rate; then labels (partial sums) are extended stage by stage, dominated ones
 * and those that cannot beat a known configuration are dropped (Desrochers and Soumis 1988; the bound is Lagrangian).
 *
 * @throws InputError where a weight or bound on energy meets an option without energy, or a spec breaks a rule
 */
export function optimize(spec: PipelineSpec, options: OptimizeOptions = {}): Optimum {
	return optimizePipeline(pipelineOptions(spec), options);
}

/** As `optimize`, for a pipeline whose options are worked out already. */
export function optimizePipeline(pipeline: PipelineOptions, options: OptimizeOptions = {}): Optimum {
	const limits = limitsOf(pipeline, options.bounds ?? {});
	checkEnergies(pipeline, options.bounds ?? {});
	const items = pipeline.stages.map((stage) => stageItems(pipeline, stage, false));
	const found = items.every((own) => own.length > 0) ? labelSearch(pipeline.spec, items, limits) : undefined;
	if (found === undefined) return explainInfeasible(pipeline, items, limits);
	const best = configuration(pipeline, choiceOf(items, found));
	if (options.k === undefined && options.ties !== true) return { status: "optimal", configuration: best };

	const every = pipeline.stages.map((stage) => stageItems(pipeline, stage, true));
	const at = (choices: readonly (readonly number[])[]) =>
		choices.map((choice) => configuration(pipeline, choiceOf(every, choice)));
	const tieLimit = options.tieLimit ?? 1000;
	const tied =
		options.ties === true
			? nearBest(pipeline.spec, every, limits, {
					count: tieLimit + 1,
					floor: best.objective - 1e-9 * Math.max(1, Math.abs(best.objective)),
				})
			: undefined;
	return {
		status: "optimal",
		configuration: best,
		...(options.k === undefined ? {} : { best: at(nearBest(pipeline.spec, every, limits, { count: options.k })) }),
		...(tied === undefined ? {} : { ties: at(tied.slice(0, tieLimit)), tiesCut: tied.length > tieLimit }),
	};
}

function choiceOf(items: readonly (readonly Item[])[], picked: readonly number[]): StageChoice[] {
	return picked.map((index, stage) => {
		const { option, replicas } = (items[stage] as readonly Item[])[index] as Item;
		return { option, replicas };
	});
}

function limitsOf({ spec, sla_s }: PipelineOptions, bounds: Bounds): Limits {
	for (const [name, bound] of Object.entries(bounds))
		if (!Number.isFinite(bound))
			throw new InputError({ file: "bounds", field: name, rule: "must be a finite number", value: bound });
	const tighter = bounds.max_latency_s !== undefined && bounds.max_latency_s < sla_s;
	// Sums in another order differ in the last digits: a bound at a configuration's own value must let it through.
	const slack = 1 + 1e-12;
	const asked = {
		cost_cores: bounds.max_cost_cores ?? Number.POSITIVE_INFINITY,
		energy_j: bounds.max_energy_j_per_request ?? Number.POSITIVE_INFINITY,
		power_w: bounds.max_power_w ?? Number.POSITIVE_INFINITY,
	};
	const byPower =
		bounds.max_power_w === undefined ? Number.POSITIVE_INFINITY : bounds.max_power_w / spec.arrival_rate_rps;
	return {
		latency_s: tighter ? (bounds.max_latency_s as number) : sla_s,
		strict: !tighter && spec.semantics === "ipa-e1f08dd",
		cost_cores: slack * asked.cost_cores,
		energy_j: slack * Math.min(asked.energy_j, byPower),
		power: byPower < asked.energy_j,
		accuracy: bounds.min_accuracy ?? Number.NEGATIVE_INFINITY,
		asked,
	};
}

function checkEnergies({ spec, stages }: PipelineOptions, bounds: Bounds): void {
	const bounded = bounds.max_energy_j_per_request !== undefined || bounds.max_power_w !== undefined;
	if (spec.weights.delta === 0 && !bounded) return;
	const field = bounded ? "bounds" : "weights.delta";
	if (spec.arrival_rate_rps === 0)
		throw new InputError({
			file: `pipeline ${spec.name}`,
			field,
			rule: "needs an arrival rate above 0: there is no energy per request without requests",
		});
	for (const { name, options } of stages)
		for (const { variant, cores, batch, energy } of options)
			if (energy === undefined)
				throw new InputError({
					file: `pipeline ${spec.name}`,
					field,
					rule: `needs the energy of every option; stage ${name} has none for ${variant} on ${cores} cores, batch ${batch} (it is never taken as 0)`,
				});
}
