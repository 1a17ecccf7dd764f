import type { Configuration } from "../pipeline/configuration.js";
import type { Weights } from "../pipeline/spec.js";
import type { FrontPoint } from "./energyFront.js";

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
