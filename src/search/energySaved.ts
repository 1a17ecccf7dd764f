import type { FrontPoint } from "./energyFront.js";

/** The least energy that a given loss of the objective allows. */
export interface EnergySaved {
	/** Share of |best objective| that may be lost. */
	readonly allowedLoss: number;
	readonly point: FrontPoint;
	/** Share of the energy of the best objective's configuration. */
	readonly saved: number;
}

/**
 * How much energy can be saved for a stated loss of the objective without energy: exact, from the whole front.
 *
 * @param front every point by falling energy, as energyFront gives them; at least one
 * @param allowedLoss share of the best objective, 0 or more
 */
export function energySaved(front: readonly FrontPoint[], allowedLoss: number): EnergySaved {
	const best = front[0];
	if (best === undefined) throw new RangeError("a front without points has no best objective");
	const floor = best.objective_without_energy - allowedLoss * Math.abs(best.objective_without_energy);
	const point = front.findLast(({ objective_without_energy }) => objective_without_energy >= floor) as FrontPoint;
	return { allowedLoss, point, saved: 1 - point.energy_j_per_request / best.energy_j_per_request };
}
