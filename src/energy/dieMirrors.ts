import { groupBy } from "../group.js";
import type { Count } from "./counter.js";

/** What the counter of one die of a socket counted. */
export interface DieCount {
	readonly domain: string;
	readonly socket: string;
	readonly count: Count;
}

/** `mirrored`: `dropped` repeat the die that is kept. `ambiguous`: dies that may or may not repeat one another. */
export type DieMirrors =
	| { readonly status: "apart" }
	| { readonly status: "mirrored"; readonly dropped: ReadonlySet<string> }
	| { readonly status: "ambiguous"; readonly domains: readonly string[] };

/**
 * Some multi-die processors show one counter of the socket under each die; their sum is then a multiple of the truth.
 * Counters of all dies of a socket that stand at the same value at the start and at the end are one. Where they counted
 * the same from different values, to within one update, nothing tells which it is.
 */
export function dieMirrors(dies: readonly DieCount[], update_s: number): DieMirrors {
	const dropped = new Set<string>();
	for (const own of groupBy(dies, ({ socket }) => socket).values()) {
		const [first, ...others] = own;
		if (first === undefined || others.length === 0) continue;
		const { count } = first;
		const seconds = count.last.notAfter_s - count.first.notBefore_s;
		// Dies are read one after another: the same counter has gone on between the reads.
		const step_j = (other: Count, at: "first" | "last") =>
			(count.energy_j / seconds) * (update_s + other[at].notAfter_s - count[at].notBefore_s) + 1e-6;
		const near = (other: Count, at: "first" | "last") =>
			Math.abs(other[at].value_j - count[at].value_j) <= step_j(other, at);
		if (count.energy_j > 0 && others.every(({ count: other }) => near(other, "first") && near(other, "last")))
			for (const { domain } of others) dropped.add(domain);
		else if (
			count.energy_j > 0 &&
			others.every(
				({ count: other }) => Math.abs(other.energy_j - count.energy_j) <= (count.energy_j / seconds) * update_s,
			)
		)
			return { status: "ambiguous", domains: own.map(({ domain }) => domain) };
	}
	return dropped.size === 0 ? { status: "apart" } : { status: "mirrored", dropped };
}
