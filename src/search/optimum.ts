import { InputError } from "../errors.js";
import { type Configuration, configuration, type StageChoice } from "../pipeline/configuration.js";
import { type PipelineOptions, pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { explainInfeasible, type Infeasible } from "./infeasible.js";
import { type Item, type Limits, stageItems } from "./items.js";
import { labelSearch } from "./labels.js";
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

/** Configurations beside the best one, where they were asked for. */
interface Others {
	/** Best first; with `k`. */
	readonly best?: readonly Configuration[];
	/** With `ties`: those within 1e-9 relative of the best objective. */
	readonly ties?: readonly Configuration[];
	readonly tiesCut?: boolean;
}

/** The best configuration, or why there is none. */
export type Optimum = ({ readonly status: "optimal"; readonly configuration: Configuration } & Others) | Infeasible;

/** Stopped before it was known: the best configuration so far, and how far above it the best one may be. */
export interface Stopped extends Others {
	readonly status: "stopped";
	/** What was not finished: the search for the best, for the `k` best (as `best`), or for those that tie. */
	readonly unfinished: readonly ("optimum" | "best" | "ties")[];
	/** Feasible; absent where none was found yet, which does not say that there is none. */
	readonly configuration?: Configuration;
	/** No configuration has a greater objective. */
	readonly bound: number;
	/** bound - objective of the configuration, 0 where that is known to be the best; absent where there is none. */
	readonly gap?: number;
}

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
	const found = search(pipeline, options);
	if (found.status === "stopped") throw new RangeError("a search that nothing stops has stopped");
	return found;
}

/**
 * As `optimize`, but it ends where `stop` says so, with what is known by then.
 *
 * @param stop asked again and again, every millisecond or so: true ends the search
 */
export function optimizeUntil(
	spec: PipelineSpec,
	options: OptimizeOptions & { readonly stop: () => boolean },
): Optimum | Stopped {
	return search(pipelineOptions(spec), options);
}

function search(
	pipeline: PipelineOptions,
	{ bounds = {}, k, ties, tieLimit = 1000, stop }: OptimizeOptions & { readonly stop?: () => boolean },
): Optimum | Stopped {
	const limits = limitsOf(pipeline, bounds);
	checkEnergies(pipeline, bounds);
	const items = pipeline.stages.map((stage) => stageItems(pipeline, stage));
	if (items.some((own) => own.length === 0)) return explainInfeasible(pipeline, items, limits, stop);
	const found = labelSearch(pipeline.spec, items, limits, stop);
	if (found.status === "none") return explainInfeasible(pipeline, items, limits, stop);
	const best = found.picked === undefined ? undefined : configuration(pipeline, choiceOf(items, found.picked));
	if (found.status === "stopped" || best === undefined) {
		const bound = found.status === "stopped" ? found.bound : Number.POSITIVE_INFINITY;
		return {
			status: "stopped",
			unfinished: [
				"optimum",
				...(k === undefined ? [] : ["best" as const]),
				...(ties === true ? ["ties" as const] : []),
			],
			bound,
			...(best === undefined ? {} : { configuration: best, gap: Math.max(0, bound - best.objective) }),
		};
	}
	const near = (count: number, floor?: number) => nearBest(pipeline, items, limits, { count, floor, stop });
	const tied =
		ties === true ? near(tieLimit + 1, best.objective - 1e-9 * Math.max(1, Math.abs(best.objective))) : undefined;
	const first = k === undefined ? undefined : near(k);
	const others = {
		...(first === undefined ? {} : { best: first.choices.map((choice) => configuration(pipeline, choice)) }),
		...(tied === undefined
			? {}
			: {
					ties: tied.choices.slice(0, tieLimit).map((choice) => configuration(pipeline, choice)),
					tiesCut: tied.choices.length > tieLimit,
				}),
	};
	const unfinished = [
		...(first?.whole === false ? ["best" as const] : []),
		...(tied?.whole === false ? ["ties" as const] : []),
	];
	if (unfinished.length === 0) return { status: "optimal", configuration: best, ...others };
	return { status: "stopped", unfinished, configuration: best, bound: best.objective, gap: 0, ...others };
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
