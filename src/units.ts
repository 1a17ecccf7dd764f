/**
 * How a number came about. `measured`: a hardware counter or a clock. `digitised`: read off a published plot.
 * `modelled`: computed from other numbers. Only `measured` and `digitised` energies count as evidence.
 */
export type Kind = "measured" | "digitised" | "modelled";

export const kinds: readonly Kind[] = ["measured", "digitised", "modelled"];

/** The kind of a number computed from numbers of the given kinds: the weakest of them. An empty list is `measured`. */
export function weakestKind(of: Iterable<Kind>): Kind {
	let rank = 0;
	for (const kind of of) rank = Math.max(rank, kinds.indexOf(kind));
	return kinds[rank] as Kind;
}

export const joulesPerKilowattHour = 3.6e6;

/** A number within a message: to a thousandth, past which nobody reads. */
export function inMessage(value: number): number {
	return Math.round(1000 * value) / 1000;
}
