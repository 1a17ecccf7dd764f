import { type Configuration, describeConfiguration } from "../pipeline/configuration.js";
import type { PipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { energyFront, energySaved } from "../search/energyFront.js";
import { optimize } from "../search/optimum.js";
import { choiceColumns, columnQuantiles, feasibleRows, summarise } from "../search/query.js";
import type { SpaceChunk } from "../search/space.js";
import { type Kind, weakestKind } from "../units.js";

/** The best configuration at an arrival rate, or why there is none. */
export interface OptimumAtLoad {
	readonly rate_rps: number;
	/** In words. */
	readonly choice?: string;
	readonly cost_cores?: number;
	readonly latency_s?: number;
	readonly accuracy?: number;
	readonly kind?: Kind;
	readonly configuration?: Configuration;
	readonly infeasible?: string;
}

/**
 * The optimum at each arrival rate, requests/s.
 *
 * @param resource what an allocation is of, in the words of the choice
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * const optima = studies.optimaByLoad(spec, [1, 1e6]);
 * optima[0].choice; // → "yolov5s (1 core, batch 1) x 1, resnet101 (1 core, batch 1) x 1"
 * optima[1].cost_cores; // → undefined
 */
export function optimaByLoad(spec: PipelineSpec, rates_rps: readonly number[], resource = "core"): OptimumAtLoad[] {
	return rates_rps.map((rate_rps) => {
		const found = optimize({ ...spec, arrival_rate_rps: rate_rps });
		if (found.status !== "optimal") return { rate_rps, infeasible: found.detail };
		const { configuration } = found;
		const { cost_cores, latency_s, accuracy, kind } = configuration;
		const choice = describeConfiguration(configuration, resource);
		return { rate_rps, choice, cost_cores, latency_s, accuracy, kind, configuration };
	});
}

/** What is chosen at a load without and with energy in the objective. */
export interface LoadChoice {
	readonly rate_rps: number;
	/** In words. */
	readonly without_energy?: string;
	readonly with_energy?: string;
	/** Of the choice with energy. */
	readonly energy_j_per_request?: number;
	/** Of the energy of the choice without it. */
	readonly saved_share?: number;
	/** The same with the shared node's floor charged to the pipeline; absent where the spec names no node. */
	readonly with_node?: { readonly energy_j_per_request: number; readonly saved_share: number };
	/** Of the energy, and of its busy part where that is another. */
	readonly energy_kind?: Kind;
	readonly busy_kind?: Kind;
	readonly configurations?: { readonly without_energy: Configuration; readonly with_energy: Configuration };
	/** Why nothing is chosen. */
	readonly infeasible?: string;
}

/**
 * The optimum at each arrival rate, requests/s, without energy and with the pipeline's own delta or prices.
 *
 * @throws RangeError where the pipeline has no energies
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * const modelled = pipeline.withModelledEnergy(spec, await pipeline.readEnergyCoefficients());
 * const [choice] = studies.choicesByLoad({ ...modelled, prices: { eur_per_kwh: 6, eur_per_core_hour: 0.04 } }, [20]);
 * choice.saved_share > 0.1; // → true
 * choice.energy_kind; // → "modelled"
 */
export function choicesByLoad(spec: PipelineSpec, rates_rps: readonly number[], resource = "core"): LoadChoice[] {
	const { prices: _, ...unpriced } = spec;
	const without = optimaByLoad({ ...unpriced, weights: { ...spec.weights, delta: 0 } }, rates_rps, resource);
	const aware = optimaByLoad(spec, rates_rps, resource);
	return without.map((plain, i): LoadChoice => {
		const { rate_rps } = plain;
		const other = aware[i];
		if (plain.configuration === undefined || other?.configuration === undefined)
			return { rate_rps, infeasible: plain.infeasible ?? other?.infeasible ?? "" };
		const [before, after] = [energyOf(plain.configuration), energyOf(other.configuration)];
		const [charged, most] = [after.with_floor?.energy_j_per_request, before.with_floor?.energy_j_per_request];
		return {
			rate_rps,
			without_energy: describeConfiguration(plain.configuration, resource),
			with_energy: describeConfiguration(other.configuration, resource),
			energy_j_per_request: after.energy_j_per_request,
			saved_share: 1 - after.energy_j_per_request / before.energy_j_per_request,
			...(charged === undefined || most === undefined
				? {}
				: { with_node: { energy_j_per_request: charged, saved_share: 1 - charged / most } }),
			energy_kind: after.kind,
			busy_kind: after.marginal_kind,
			configurations: { without_energy: plain.configuration, with_energy: other.configuration },
		};
	});
}

function energyOf({ energy }: Configuration) {
	if (energy.status === "unavailable") throw new RangeError(energy.reason);
	return energy;
}

/** The energy saved at a load where shares of what the objective weighs may be lost. */
export interface LoadSavings {
	readonly pipeline: string;
	readonly rate_rps: number;
	/** By the share that may be lost, as "1 %": of the energy of the choice without energy. */
	readonly saved_share?: Readonly<Record<string, number>>;
	/** The same with the shared node's floor charged to the pipeline; absent where the spec names no node. */
	readonly saved_with_node_share?: Readonly<Record<string, number>>;
	/** The choice without energy. */
	readonly choice?: string;
	readonly energy_kind?: Kind;
	readonly busy_kind?: Kind;
	readonly infeasible?: string;
}

/**
 * The energy saved where a share of what the objective weighs may be lost, at each load. Exact, from the front.
 *
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * const video = pipeline.withModelledEnergy(spec, await pipeline.readEnergyCoefficients());
 * const [at20] = studies.savings([video], [20]);
 * at20.saved_share["0 %"] <= at20.saved_share["5 %"]; // → true
 */
export function savings(
	specs: readonly PipelineSpec[],
	rates_rps: readonly number[],
	losses: readonly number[] = [0, 0.01, 0.05],
): LoadSavings[] {
	return specs.flatMap((spec) =>
		rates_rps.map((rate_rps): LoadSavings => {
			const front = energyFront({ ...spec, arrival_rate_rps: rate_rps });
			if (front.status === "infeasible") return { pipeline: spec.name, rate_rps, infeasible: front.detail };
			const found = losses.map((loss) => energySaved(front.points, spec.weights, loss));
			const by = (share: (of: (typeof found)[number]) => number | undefined) =>
				Object.fromEntries(
					found.flatMap((own) => {
						const value = share(own);
						return value === undefined ? [] : [[`${100 * own.allowedLoss} %`, value]];
					}),
				);
			const charged = by(({ saved_with_floor }) => saved_with_floor);
			// A complete front has its best point first.
			const best = front.points[0]?.configuration;
			return {
				pipeline: spec.name,
				rate_rps,
				saved_share: by(({ saved }) => saved),
				...(Object.keys(charged).length === 0 ? {} : { saved_with_node_share: charged }),
				...(best === undefined
					? {}
					: {
							choice: describeConfiguration(best),
							energy_kind: energyOf(best).kind,
							busy_kind: energyOf(best).marginal_kind,
						}),
			};
		}),
	);
}

/** What energy would change for a pipeline, and what that statement rests on. */
export interface Conclusion {
	readonly pipeline: string;
	/** Share of what the objective weighs that may be lost. */
	readonly allowed_loss_share: number;
	/** The least and the most energy saved over the loads that something carries; absent where nothing carries any. */
	readonly saved_share?: { readonly low: number; readonly high: number };
	readonly loads_rps: readonly number[];
	readonly infeasible_loads_rps: readonly number[];
	readonly latency_kind: Kind;
	readonly busy_kind: Kind;
	readonly idle_kind: Kind;
	/** Whether the saving counts as evidence, and if not whole, why. */
	readonly evidence: string;
}

/**
 * For each pipeline what energy would change over loads, and what that rests on.
 *
 * @throws RangeError where a point of a profile has no energy
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * const video = pipeline.withModelledEnergy(spec, await pipeline.readEnergyCoefficients());
 * studies.conclusions([video], [20])[0].evidence; // → "no: computed from latency and cores"
 */
export function conclusions(
	specs: readonly PipelineSpec[],
	rates_rps: readonly number[],
	allowedLoss = 0.01,
): Conclusion[] {
	return specs.map((spec) => {
		const all = savings([spec], rates_rps, [allowedLoss]);
		const saved = all.flatMap(({ saved_share = {} }) => Object.values(saved_share));
		const points = spec.stages.flatMap((stage) => stage.points);
		const energies = points.map(({ variant, energy }) => {
			if (energy === undefined) throw new RangeError(`${spec.name}: ${variant} has no energy`);
			return energy;
		});
		const latency_kind = weakestKind(points.map(({ kind }) => kind));
		const busy_kind = weakestKind(energies.map(({ kind }) => kind));
		const idle_kind = weakestKind(energies.map(({ kind, idle_kind: idle }) => idle ?? kind));
		const loads = (feasible: boolean) =>
			all.flatMap(({ rate_rps, infeasible }) => ((infeasible === undefined) === feasible ? [rate_rps] : []));
		return {
			pipeline: spec.name,
			allowed_loss_share: allowedLoss,
			...(saved.length === 0 ? {} : { saved_share: { low: Math.min(...saved), high: Math.max(...saved) } }),
			loads_rps: loads(true),
			infeasible_loads_rps: loads(false),
			latency_kind,
			busy_kind,
			idle_kind,
			evidence: evidenceOf(busy_kind, idle_kind, latency_kind),
		};
	});
}

function evidenceOf(busy: Kind, idle: Kind, latency: Kind): string {
	if (busy === "modelled") return "no: computed from latency and cores";
	if (idle === "modelled") return "for the busy part; the idle part is an assumption";
	return latency === "modelled" ? "for the busy part; how long replicas idle follows from modelled latencies" : "yes";
}

/** The cost of the feasible configurations that use a variant in a stage. */
export interface VariantCost {
	readonly stage: string;
	readonly variant: string;
	/** Feasible configurations that use it. */
	readonly feasible: number;
	readonly least_cores: number;
	readonly mean_cores: number;
	readonly most_cores: number;
}

/** A metric's quantiles over the feasible configurations, in the unit that its name says. */
export interface MetricQuantiles {
	readonly metric: "accuracy" | "latency_s" | "throughput_rps" | "cost_cores" | "objective";
	readonly min: number;
	readonly q1: number;
	readonly median: number;
	readonly q3: number;
	readonly max: number;
}

/** What the feasible configurations of a space come to. */
export interface SpaceOverview {
	readonly quantiles: readonly MetricQuantiles[];
	/** For each variant of each stage. */
	readonly variants: readonly VariantCost[];
}

/**
 * The metrics' quantiles over the feasible configurations, and what those with each variant cost.
 *
 * @throws RangeError where none is feasible
 * @example
 * const spec = { ...(await pipeline.readPreset("sum-qa")).spec, scaling_cap: 2, arrival_rate_rps: 5 };
 * const options = pipeline.pipelineOptions(spec);
 * const { quantiles, variants } = studies.space(options, search.wholeSpace(options));
 * const least = Math.min(...variants.map(({ least_cores }) => least_cores));
 * quantiles.find(({ metric }) => metric === "cost_cores").min === least; // → true
 */
export function spaceOverview(pipeline: PipelineOptions, space: SpaceChunk): SpaceOverview {
	const feasible = feasibleRows(space);
	const metrics = ["accuracy", "latency_s", "throughput_rps", "cost_cores", "objective"] as const;
	return {
		quantiles: metrics.map((metric) => {
			const [min = Number.NaN, q1 = min, median = q1, q3 = median, max = q3] = columnQuantiles(
				space,
				feasible,
				metric,
				[0, 0.25, 0.5, 0.75, 1],
			);
			return { metric, min, q1, median, q3, max };
		}),
		variants: variantCosts(pipeline, space, feasible),
	};
}

function variantCosts(pipeline: PipelineOptions, space: SpaceChunk, rows: Int32Array): VariantCost[] {
	return pipeline.spec.stages.flatMap(({ name }, stage) => {
		const { variant, variants } = choiceColumns(pipeline, space, stage);
		return summarise(space, rows, "cost_cores", (row) => variant[row] ?? 0).map(({ group, count, min, mean, max }) => ({
			stage: name,
			variant: variants[group] ?? "",
			feasible: count,
			least_cores: min,
			mean_cores: mean,
			most_cores: max,
		}));
	});
}
