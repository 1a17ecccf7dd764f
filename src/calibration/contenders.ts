import { type Belief, chosen } from "./belief.js";
import type { Scenario } from "./scenarios.js";

/** The cells of a scenario that can still be chosen, and what each is thought to cost. */
export interface Contest {
	/** Positions of the cells; the one chosen now is the first. */
	readonly cells: Int32Array;
	readonly penalties_j: Float64Array;
	/** Expected energy and penalty of the choice now, J. */
	readonly best_j: number;
	/** Expected energy of the choice now, J: what regret is a share of. */
	readonly reference_j: number;
}

/** How far a cell is thought to reach below its mean, in standard deviations, and the least that one may be. */
export interface Reach {
	readonly deviations: number;
	readonly leastDeviation: number;
	/** Contenders of a scenario at most. */
	readonly most: number;
}

/** For the acquisition: what one measurement may turn. */
export const nearReach: Reach = { deviations: 2.5, leastDeviation: 0, most: 16 };

/**
 * The scenarios, each with its contenders: cells that beat the choice's expectation where their log power is so many
 * standard deviations below its mean; those that reach lowest where they are too many. One that has but the choice is
 * decided.
 */
export function contests(
	scenarios: readonly Scenario[],
	{ energy_j, variance }: Belief,
	{ deviations, leastDeviation, most }: Reach = nearReach,
): readonly Contest[] {
	const lowest = energy_j.map((energy, i) => {
		const spread = variance[i] as number;
		return energy * Math.exp(-spread / 2 - deviations * Math.sqrt(spread + leastDeviation ** 2));
	});
	return scenarios.map((scenario): Contest => {
		const now = chosen(scenario, energy_j);
		const cell = scenario.cells[now] as number;
		const best_j = (energy_j[cell] as number) + (scenario.penalties_j[now] as number);
		const rivals: { k: number; low: number }[] = [];
		for (let k = 0; k < scenario.cells.length; k++) {
			const low = (lowest[scenario.cells[k] as number] as number) + (scenario.penalties_j[k] as number);
			if (k !== now && low < best_j) rivals.push({ k, low });
		}
		if (rivals.length > most) rivals.sort((a, b) => a.low - b.low).length = most;
		const kept = [now, ...rivals.map(({ k }) => k)];
		return {
			cells: Int32Array.from(kept, (k) => scenario.cells[k] as number),
			penalties_j: Float64Array.from(kept, (k) => scenario.penalties_j[k] as number),
			best_j,
			reference_j: energy_j[cell] as number,
		};
	});
}
