import type { Configuration } from "../pipeline/configuration.js";
import { pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec, Weights } from "../pipeline/spec.js";
import { type Bounds, type Infeasible, optimizePipeline } from "./optimum.js";

/** One configuration that nothing beats in both energy and the objective without energy. */
export interface FrontPoint {
	readonly configuration: Configuration;
	readonly energy_j_per_request: number;
	/** alpha x accuracy - beta x cost - gamma x batches. */
	readonly objective_without_energy: number;
}

/** `complete`: every point of the front. `cut`: the first `limit` of them, from the best objective on. */
export type EnergyFront = { readonly status: "complete" | "cut"; readonly points: readonly FrontPoint[] } | Infeasible;

/**
 * The whole trade-off between energy and what IPA optimises without it, exactly: from the best objective on, each
 * further point is the best configuration with less energy than the point before (the epsilon-constraint method, Haimes
 * et al. 1971). Of configurations with one objective the one with the least energy is on the front.
 *
 * Energies that differ by less than 1e-9 relative count as equal.
 *
 * @throws InputError where an option has no energy, or no requests arrive
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * const { points } = search.energyFront(pipeline.withModelledEnergy(spec, await pipeline.readEnergyCoefficients()));
 * const [best, next] = points;
 * next.energy_j_per_request < best.energy_j_per_request; // → true
 * next.objective_without_energy < best.objective_without_energy; // → true
 */
export function energyFront(spec: PipelineSpec, { bounds = {}, limit = 10_000 } = {} as FrontOptions): EnergyFront {
	const { prices: _, ...unpriced } = spec;
	const pipeline = pipelineOptions({ ...unpriced, weights: { ...spec.weights, delta: 0 } });
	const points: FrontPoint[] = [];
	let allowed_j = bounds.max_energy_j_per_request ?? Number.MAX_VALUE;
	for (;;) {
		const found = optimizePipeline(pipeline, { bounds: { ...bounds, max_energy_j_per_request: allowed_j } });
		if (found.status === "infeasible") return points.length === 0 ? found : { status: "complete", points };
		const { configuration } = found;
		// The bound asked for energies: an optimum under it has one.
		if (configuration.energy.status === "unavailable") throw new RangeError(configuration.energy.reason);
		const { energy_j_per_request } = configuration.energy;
		const before = points.at(-1);
		if (before !== undefined && same(before.objective_without_energy, configuration.objective)) points.pop();
		if (points.length === limit) return { status: "cut", points };
		points.push({ configuration, energy_j_per_request, objective_without_energy: configuration.objective });
		allowed_j = energy_j_per_request * (1 - 1e-9);
	}
}

export interface FrontOptions {
	readonly bounds?: Bounds;
	/** Most points to look for. */
	readonly limit?: number;
}

function same(a: number, b: number): boolean {
	return Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a));
}

/** The least energy that a given loss of the objective allows. */
export interface EnergySaved {
	/** Share of the best objective's terms that may be lost. */
	readonly allowedLoss: number;
	readonly point: FrontPoint;
	/** Share of the energy of the best objective's configuration. */
	readonly saved: number;
	/** The same with the shared node's floor charged to the pipeline; absent where the spec names no node. */
	readonly saved_with_floor?: number;
}

/**
 * How much energy can be saved for a stated loss of the objective without energy: exact, from the whole front.
 *
 * The loss is a share of what the objective weighs, alpha x accuracy + beta x cost + gamma x batches of the best
 * configuration. The objective itself is their difference, which may come near 0 where accuracy just pays for the cores:
 * a share of that would allow next to nothing, whatever the energy.
 *
 * @param front every point by falling energy, as energyFront gives them; at least one
 * @param weights of the objective whose front it is
 * @param allowedLoss share of the terms, 0 or more
 */
export function energySaved(front: readonly FrontPoint[], weights: Weights, allowedLoss: number): EnergySaved {
	const best = front[0];
	if (best === undefined) throw new RangeError("a front without points has no best objective");
	const floor = best.objective_without_energy - allowedLoss * weighed(best.configuration, weights);
	const point = front.findLast(({ objective_without_energy }) => objective_without_energy >= floor) as FrontPoint;
	const [charged, most] = [withFloor_j(point), withFloor_j(best)];
	return {
		allowedLoss,
		point,
		saved: 1 - point.energy_j_per_request / best.energy_j_per_request,
		...(charged === undefined || most === undefined ? {} : { saved_with_floor: 1 - charged / most }),
	};
}

function withFloor_j({ configuration: { energy } }: FrontPoint): number | undefined {
	return energy.status === "available" ? energy.with_floor?.energy_j_per_request : undefined;
}

function weighed({ accuracy, cost_cores, stages }: Configuration, { alpha, beta, gamma }: Weights): number {
	return alpha * accuracy + beta * cost_cores + gamma * stages.reduce((sum, { batch }) => sum + batch, 0);
}

/** A configuration that is optimal for some weights of energy, and which those are. */
export interface TradeOffPoint extends FrontPoint {
	/** It is optimal from this delta on ... */
	readonly delta_from: number;
	/** ... up to this one (Infinity for the last: the least energy of all). */
	readonly delta_to: number;
}

/** What a rising delta does to the optimum, and where it stops being worth while. */
export interface TradeOff {
	/** By rising delta: energy falls, the objective without energy falls. */
	readonly points: readonly TradeOffPoint[];
	/** The point with the best balance, of three or more; absent where there is nothing to balance. */
	readonly knee?: TradeOffPoint;
}

/**
 * The optimal path over every delta >= 0, from the front of energy and objective: its upper convex hull. A point of the
 * front that is not on the hull is optimal for no delta, though a bound on energy may choose it.
 *
 * The knee is the point farthest above the straight line between the ends, both axes scaled to 0..1 (Satopaa et al.,
 * "Finding a Kneedle in a Haystack", 2011).
 *
 * @param front points by falling energy, as energyFront gives them; at least one
 */
export function tradeOff(front: readonly FrontPoint[]): TradeOff {
	const hull: FrontPoint[] = [];
	for (const point of front) {
		while (
			hull.length >= 2 &&
			priceBetween(hull.at(-2) as FrontPoint, hull.at(-1) as FrontPoint) >=
				priceBetween(hull.at(-1) as FrontPoint, point)
		)
			hull.pop();
		hull.push(point);
	}
	const points = hull.map((point, i): TradeOffPoint => {
		const before = hull[i - 1];
		const after = hull[i + 1];
		return {
			...point,
			delta_from: before === undefined ? 0 : priceBetween(before, point),
			delta_to: after === undefined ? Number.POSITIVE_INFINITY : priceBetween(point, after),
		};
	});
	const knee = kneeOf(points);
	return { points, ...(knee === undefined ? {} : { knee }) };
}

/** The objective lost for each joule saved between two points of a front: the delta at which both are optimal. */
function priceBetween(from: FrontPoint, to: FrontPoint): number {
	return (
		(from.objective_without_energy - to.objective_without_energy) /
		(from.energy_j_per_request - to.energy_j_per_request)
	);
}

function kneeOf(points: readonly TradeOffPoint[]): TradeOffPoint | undefined {
	if (points.length < 3) return undefined;
	const first = points[0] as TradeOffPoint;
	const last = points.at(-1) as TradeOffPoint;
	const height = ({ energy_j_per_request, objective_without_energy }: TradeOffPoint) =>
		(objective_without_energy - last.objective_without_energy) /
			(first.objective_without_energy - last.objective_without_energy) -
		(energy_j_per_request - last.energy_j_per_request) / (first.energy_j_per_request - last.energy_j_per_request);
	return points.reduce((best, point) => (height(point) > height(best) ? point : best));
}
