import { groupBy } from "../group.js";

/** What one die of a socket counted. */
export interface DieEnergy {
	readonly socket: string;
	readonly energy_j: number;
	/** How much it may differ from another reading of the same counter: what an update draws, and rounding, J. */
	readonly step_j: number;
}

/**
 * Dies of one socket, each of which counted the same as another of them: they may be one counter, or a counter a pair,
 * that some processors show under several dies, and their sum then a multiple of the truth. Undefined where no socket has
 * such. One that stood still says nothing: it is refused, or left out, for that.
 */
export function twinDies<T extends DieEnergy>(dies: readonly T[]): readonly T[] | undefined {
	const counted = dies.filter(({ energy_j }) => energy_j > 0);
	return [...groupBy(counted, ({ socket }) => socket).values()].find((own) =>
		own.every((die) => own.some((other) => other !== die && same(die, other))),
	);
}

function same(one: DieEnergy, other: DieEnergy): boolean {
	return Math.abs(one.energy_j - other.energy_j) <= Math.max(one.step_j, other.step_j);
}
