import { groupBy } from "../group.js";
import type { Count } from "./counter.js";
import type { Coverage } from "./plausible.js";

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

/** What the counter of one die of a socket counted. */
export interface DieCount {
	readonly domain: string;
	readonly covers: Coverage;
	readonly socket: string;
	readonly count: Count;
}

/** `mirrored`: `dropped` repeat a die that is kept. `ambiguous`: dies that may or may not repeat one another. */
export type DieMirrors =
	| { readonly status: "apart" }
	| { readonly status: "mirrored"; readonly dropped: ReadonlySet<string> }
	| { readonly status: "ambiguous"; readonly domains: readonly string[] };

/**
 * Some multi-die processors show one counter of the socket under each die; their sum is then a multiple of the truth.
 * Counters of a socket that cover the same and stand at the same value at the start and at the end are one, be they of
 * all its dies or of some. Where those that are left each counted the same as another from different values, to within one
 * update, nothing tells which it is.
 */
export function dieMirrors(dies: readonly DieCount[], update_s: number): DieMirrors {
	const dropped = new Set<string>();
	const kept: DieCount[] = [];
	for (const die of dies)
		if (kept.some((other) => placeOf(other) === placeOf(die) && sameCounter(other.count, die.count, update_s)))
			dropped.add(die.domain);
		else kept.push(die);
	const twins = twinDies(
		kept.map((die) => ({
			domain: die.domain,
			socket: placeOf(die),
			energy_j: die.count.energy_j,
			step_j: power(die.count) * update_s,
		})),
	);
	if (twins !== undefined) return { status: "ambiguous", domains: twins.map(({ domain }) => domain) };
	return dropped.size === 0 ? { status: "apart" } : { status: "mirrored", dropped };
}

/** What only counters of one kind in one socket can mirror each other in. */
function placeOf({ socket, covers }: DieCount): string {
	return `${socket} ${covers}`;
}

/** One that stood still says nothing: it is refused, or left out, for that. */
function sameCounter(one: Count, other: Count, update_s: number): boolean {
	const near = (at: "first" | "last") => {
		// Dies are read one after another: the same counter has gone on between the reads.
		const between_s = other[at].notAfter_s - one[at].notBefore_s;
		return Math.abs(other[at].value_j - one[at].value_j) <= power(one) * (update_s + between_s) + 1e-6;
	};
	return one.energy_j > 0 && near("first") && near("last");
}

function power({ energy_j, first, last }: Count): number {
	return energy_j / (last.notAfter_s - first.notBefore_s);
}
