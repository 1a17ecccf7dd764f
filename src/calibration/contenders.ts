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

/** Standard deviations below its mean at which a cell must beat the choice to be a contender. */
const reach = 2.5;
const most = 24;

/**
 * The scenarios that are not decided, each with its contenders: cells that beat the choice's expectation where their log
 * power is 2.5 standard deviations below its mean; at most 24, those that reach lowest.
 */
export function contests(scenarios: readonly Scenario[], { energy_j, variance }: Belief): readonly Contest[] {
	const lowest = energy_j.map((energy, i) => {
		const spread = variance[i] as number;
		return energy * Math.exp(-spread / 2 - reach * Math.sqrt(spread));
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
