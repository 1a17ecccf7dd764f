import { InputError } from "../errors.js";
import { type Configuration, configuration } from "../pipeline/configuration.js";
import {
	type Item,
	type Limits,
	misses,
	pipelineAccuracy,
	slaLimit,
	stageItems,
	tolerance,
} from "../pipeline/objective.js";
import { type PipelineOptions, pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { labelSearch, nearBest } from "./labels.js";

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
export interface Others {
	/** Best first; with `k`. */
	readonly best?: readonly Configuration[];
	/** With `ties`: those within 1e-9 relative of the best objective. */
	readonly ties?: readonly Configuration[];
	readonly tiesCut?: boolean;
}

/** Nothing is feasible: the first bound that nothing meets, and by how much the best misses it. */
export interface Infeasible {
	readonly status: "infeasible";
	readonly bound: "replicas" | "latency" | "cost" | "energy" | "power" | "accuracy" | "combination";
	readonly detail: string;
	/** What the best possible value of the bounded quantity is, and the bound as it was asked for; absent for `combination`. */
	readonly best?: number;
	readonly limit?: number;
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
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * search.optimize({ ...spec, arrival_rate_rps: 20 }).configuration.cost_cores; // → 4
 * search.optimize({ ...spec, arrival_rate_rps: 1e6 }).bound; // → "replicas"
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
	const without = (limit: Partial<Limits>) => labelSearch(pipeline.spec, items, { ...limits, ...limit }, stop);
	const found = items.every(({ length }) => length > 0) ? without({}) : { status: "none" as const };
	if (found.status === "none")
		return (
			whyAlone(pipeline, items, limits, bounds) ??
			whyTogether(energyBound(pipeline, bounds).name, (limit) => without(limit).status)
		);
	const best = found.picked === undefined ? undefined : configuration(pipeline, found.picked);
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
	const near = (count: number, floor?: number) => {
		const { choices, whole } = nearBest(pipeline, items, limits, { count, floor, stop });
		return { whole, configurations: choices.map((choice) => configuration(pipeline, choice)) };
	};
	const tied = ties === true ? near(tieLimit + 1, best.objective - tolerance(best.objective)) : undefined;
	const first = k === undefined ? undefined : near(k);
	const others = {
		...(first && { best: first.configurations }),
		...(tied && { ties: tied.configurations.slice(0, tieLimit), tiesCut: tied.configurations.length > tieLimit }),
	};
	const unfinished = [
		...(first?.whole === false ? ["best" as const] : []),
		...(tied?.whole === false ? ["ties" as const] : []),
	];
	if (unfinished.length === 0) return { status: "optimal", configuration: best, ...others };
	return { status: "stopped", unfinished, configuration: best, bound: best.objective, gap: 0, ...others };
}

function limitsOf(pipeline: PipelineOptions, bounds: Bounds): Limits {
	for (const [name, bound] of Object.entries(bounds))
		if (!Number.isFinite(bound))
			throw new InputError({ file: "bounds", field: name, rule: "must be a finite number", value: bound });
	const { max_latency_s = Number.POSITIVE_INFINITY, max_cost_cores = Number.POSITIVE_INFINITY } = bounds;
	// Sums in another order differ in the last digits: a bound at a configuration's own value must let it through.
	const slack = 1 + 1e-12;
	return {
		...(max_latency_s < pipeline.sla_s ? { latency_s: max_latency_s, strict: false } : slaLimit(pipeline)),
		cost_cores: slack * max_cost_cores,
		energy_j: slack * energyBound(pipeline, bounds).energy_j,
		accuracy: bounds.min_accuracy ?? Number.NEGATIVE_INFINITY,
	};
}

/** The tighter of the bounds on energy and on power, as J per request, and as it was asked for. */
function energyBound(
	{ spec: { arrival_rate_rps } }: PipelineOptions,
	{ max_energy_j_per_request = Number.POSITIVE_INFINITY, max_power_w = Number.POSITIVE_INFINITY }: Bounds,
): { readonly name: "energy" | "power"; readonly energy_j: number; readonly asked: number } {
	const byPower = Number.isFinite(max_power_w) ? max_power_w / arrival_rate_rps : Number.POSITIVE_INFINITY;
	return byPower < max_energy_j_per_request
		? { name: "power", energy_j: byPower, asked: max_power_w }
		: { name: "energy", energy_j: max_energy_j_per_request, asked: max_energy_j_per_request };
}

function checkEnergies({ spec, stages }: PipelineOptions, bounds: Bounds): void {
	const bounded = bounds.max_energy_j_per_request !== undefined || bounds.max_power_w !== undefined;
	if (spec.weights.delta === 0 && !bounded) return;
	const fail = (rule: string): never => {
		throw new InputError({ file: `pipeline ${spec.name}`, field: bounded ? "bounds" : "weights.delta", rule });
	};
	if (spec.arrival_rate_rps === 0)
		fail("needs an arrival rate above 0: there is no energy per request without requests");
	for (const { name, options } of stages)
		for (const { variant, cores, batch, energy } of options)
			if (energy === undefined)
				fail(
					`needs the energy of every option; stage ${name} has none for ${variant} on ${cores} cores, batch ${batch} (it is never taken as 0)`,
				);
}

/** The bound that nothing meets alone, if there is one. */
function whyAlone(
	pipeline: PipelineOptions,
	items: readonly (readonly Item[])[],
	limits: Limits,
	bounds: Bounds,
): Infeasible | undefined {
	const { spec, stages } = pipeline;
	const alone = (bound: Infeasible["bound"], best: number, limit: number, rest: string): Infeasible => {
		return { status: "infeasible", bound, detail: `${best} against ${limit} ${rest}`, best, limit };
	};
	for (const [s, { name, options, replicas }] of stages.entries()) {
		if (items[s]!.length > 0) continue;
		const best = Math.max(0, ...options.map(({ throughput_rps }) => throughput_rps * replicas[1]));
		const limit = spec.arrival_rate_rps;
		const detail = `stage ${name}: ${replicas[1]} replicas carry at most ${best} of ${limit} requests/s`;
		return { status: "infeasible", bound: "replicas", detail, best, limit };
	}
	const least = (name: "latency_s" | "cost_cores" | "energy_j") =>
		items.reduce((sum, stage) => sum + Math.min(...stage.map((item) => item[name])), 0);
	const [latency, cost, energy] = [least("latency_s"), least("cost_cores"), least("energy_j")];
	if (misses(latency, limits))
		return alone("latency", latency, limits.latency_s, "s: the fastest configuration takes longer");
	if (cost > limits.cost_cores)
		return alone(
			"cost",
			cost,
			bounds.max_cost_cores ?? limits.cost_cores,
			"cores: the cheapest configuration costs more",
		);
	const { name, asked } = energyBound(pipeline, bounds);
	if (energy > limits.energy_j)
		return name === "power"
			? alone(name, energy * spec.arrival_rate_rps, asked, "W: the most frugal configuration draws more")
			: alone(name, energy, asked, "J per request: the most frugal configuration uses more");
	const accuracy = pipelineAccuracy(
		spec.accuracy_method,
		items.map((stage) => Math.max(...stage.map((item) => item.accuracy))),
	);
	if (accuracy >= limits.accuracy) return undefined;
	const rest = "(as the objective counts it): the most accurate configuration has less";
	return alone("accuracy", accuracy, limits.accuracy, rest);
}

/** The bounds without which there is a configuration, where each alone can be met. */
function whyTogether(
	name: "energy" | "power",
	statusWithout: (limit: Partial<Limits>) => "found" | "none" | "stopped",
): Infeasible {
	const relaxed = [
		["latency", statusWithout({ latency_s: Number.POSITIVE_INFINITY, strict: false })],
		["cost", statusWithout({ cost_cores: Number.POSITIVE_INFINITY })],
		[name, statusWithout({ energy_j: Number.POSITIVE_INFINITY })],
		["accuracy", statusWithout({ accuracy: Number.NEGATIVE_INFINITY })],
	] as const;
	const named = (wanted: string) => relaxed.flatMap(([bound, status]) => (status === wanted ? [bound] : []));
	const [helping, unknown] = [named("found").join(", or "), named("stopped").join(", ")];
	const detail = [
		helping === "" && unknown === ""
			? "each bound can be met, but not even three of them together"
			: "each bound can be met, not all together",
		...(helping === "" ? [] : [`without the bound on ${helping} there is a configuration`]),
		...(unknown === "" ? [] : [`of ${unknown} there was no time to tell`]),
	];
	return { status: "infeasible", bound: "combination", detail: detail.join("; ") };
}
