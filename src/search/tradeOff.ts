import type { FrontPoint } from "./energyFront.js";

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
