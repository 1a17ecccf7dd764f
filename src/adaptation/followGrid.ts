import type { Configuration } from "../pipeline/configuration.js";
import { type PipelineOptions, pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { optimizePipeline } from "../search/optimum.js";
import { carbonWeight, decisionSteps } from "../shifting/savings.js";
import type { Decide } from "./adapt.js";

/** How a service follows the grid. */
export interface GridRule {
	/** Share of the reference by which the intensity must move before it is decided anew. */
	readonly share: number;
	readonly reference_g_per_kwh: number;
	/** Intensity at which a joule has the pipeline's own weight: the year's mean. */
	readonly mean_g_per_kwh: number;
}

/**
 * Decisions whose weight of energy follows the grid over a trace: the pipeline's own at the mean intensity, in proportion in
 * every hour, and another one only where the trigger says so.
 *
 * @param hourly_g_per_kwh of the trace's hours, as they are known when they begin
 * @param deciderOf what decides for a pipeline: see `decider`
 * @throws RangeError at a time for which there is no intensity
 */
export function decideOnGrid(
	spec: PipelineSpec,
	hourly_g_per_kwh: ArrayLike<number>,
	rule: GridRule,
	deciderOf: (spec: PipelineSpec) => Decide,
): Decide {
	const { weights } = pipelineOptions(spec).spec;
	const { prices: _, ...unpriced } = spec;
	const anew = decisionSteps(hourly_g_per_kwh, rule);
	const deciders = new Map<number, Decide>();
	return (rate_rps, current, at_s = 0) => {
		const hour = Math.floor(at_s / 3600);
		if (hour >= hourly_g_per_kwh.length) throw new RangeError(`no intensity is known at ${at_s} s`);
		const intensity = hourly_g_per_kwh[anew.findLast((step) => step <= hour) ?? 0]!;
		const delta = carbonWeight(weights.delta, intensity, rule.mean_g_per_kwh);
		const decide = deciders.get(delta) ?? deciderOf({ ...unpriced, weights: { ...weights, delta } });
		deciders.set(delta, decide);
		return decide(rate_rps, current, at_s);
	};
}

/** What a service that follows the grid chose and emitted, step by step. */
export interface FollowedGrid {
	/** Index of the steps at which it was decided. */
	readonly decided: readonly number[];
	readonly configurations: readonly Configuration[];
	/** Of each step, as an index into the configurations. */
	readonly chosen: Int32Array;
	/** Means over the steps. */
	readonly grams_per_request: number;
	readonly energy_j_per_request: number;
	readonly accuracy: number;
	readonly cost_cores: number;
	/** The objective without its energy term. */
	readonly objective_without_energy: number;
}

/**
 * A service at a constant load whose weight of energy follows the grid: the pipeline's delta times intensity / mean, decided
 * anew when the trigger says so. With `share` infinite it decides once: the same weight all the time, at the mean.
 *
 * @param intensities g/kWh, of consecutive steps
 * @throws RangeError where nothing is feasible, or the choice has no energy
 */
export function followGrid(spec: PipelineSpec, intensities: ArrayLike<number>, rule: GridRule): FollowedGrid {
	const pipeline: PipelineOptions = pipelineOptions(spec);
	const { alpha, beta, gamma, delta } = pipeline.spec.weights;
	const decided = Number.isFinite(rule.share) ? decisionSteps(intensities, rule) : [0];
	const configurations: Configuration[] = [];
	const known = new Map<string, number>();
	const byWeight = new Map<number, number>();
	const chosen = new Int32Array(intensities.length);
	const mean = {
		grams_per_request: 0,
		energy_j_per_request: 0,
		accuracy: 0,
		cost_cores: 0,
		objective_without_energy: 0,
	};
	const without = (of: Configuration) => {
		const batches = of.stages.reduce((sum, { batch }) => sum + batch, 0);
		return alpha * of.accuracy - beta * of.cost_cores - gamma * batches;
	};
	let [next, current] = [0, 0];
	for (let step = 0; step < intensities.length; step++) {
		if (decided[next] === step) {
			next++;
			const intensity = Number.isFinite(rule.share) ? intensities[step]! : rule.mean_g_per_kwh;
			const weight = carbonWeight(delta, intensity, rule.mean_g_per_kwh);
			current = byWeight.get(weight) ?? decide(weight);
			byWeight.set(weight, current);
		}
		chosen[step] = current;
		const { energy, accuracy, cost_cores } = configurations[current]!;
		if (energy.status === "unavailable") throw new RangeError(`the choice has no energy: ${energy.reason}`);
		const n = intensities.length;
		mean.energy_j_per_request += energy.energy_j_per_request / n;
		mean.grams_per_request += ((energy.energy_j_per_request / 3.6e6) * intensities[step]!) / n;
		mean.accuracy += accuracy / n;
		mean.cost_cores += cost_cores / n;
		mean.objective_without_energy += without(configurations[current]!) / n;
	}
	return { decided, configurations, chosen, ...mean };

	function decide(weight: number): number {
		const found = optimizePipeline({
			...pipeline,
			spec: { ...pipeline.spec, weights: { ...pipeline.spec.weights, delta: weight } },
		});
		if (found.status !== "optimal") throw new RangeError(`nothing is feasible: ${found.detail}`);
		const key = JSON.stringify(found.configuration.stages.map(({ energy: _, ...stage }) => stage));
		const index = known.get(key) ?? configurations.push(found.configuration) - 1;
		known.set(key, index);
		return index;
	}
}

/** A service that does not look at the grid, and serves as well on the mean. */
export interface BlindService {
	readonly grams_per_request: number;
	readonly accuracy: number;
	readonly cost_cores: number;
}

/**
 * What is emitted without looking at the grid at the same mean objective: two neighbours of the trade-off, mixed in time
 * whatever the hour. Beside it, following the grid cannot lose but by its trigger's slack; beside a constant weight it can,
 * because clean hours buy accuracy with what dirty ones save.
 *
 * @param path points of tradeOff, by falling energy
 */
export function blindAtSameObjective(
	path: readonly {
		readonly configuration: Configuration;
		readonly energy_j_per_request: number;
		readonly objective_without_energy: number;
	}[],
	objective_without_energy: number,
	mean_g_per_kwh: number,
): BlindService {
	const below = path.findIndex((point) => point.objective_without_energy <= objective_without_energy + 1e-12);
	const worse = path[below < 0 ? path.length - 1 : below]!;
	const better = path[Math.max(0, (below < 0 ? path.length : below) - 1)]!;
	const span = better.objective_without_energy - worse.objective_without_energy;
	const share = span === 0 ? 0 : (objective_without_energy - worse.objective_without_energy) / span;
	const mix = (of: (point: (typeof path)[number]) => number) => of(worse) + share * (of(better) - of(worse));
	return {
		grams_per_request: (mix((point) => point.energy_j_per_request) / 3.6e6) * mean_g_per_kwh,
		accuracy: mix(({ configuration }) => configuration.accuracy),
		cost_cores: mix(({ configuration }) => configuration.cost_cores),
	};
}
