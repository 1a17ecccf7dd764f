import { type Kind, weakestKind } from "../units.js";

/** A number that a footprint is made of: its unit, how it came about, where from, and the range that it may lie in. */
export interface Factor {
	readonly value: number;
	/** A range of sources or hours, not a confidence interval; equal to the value where none is known. */
	readonly low: number;
	readonly high: number;
	readonly unit: string;
	readonly kind: Kind;
	readonly sources: readonly string[];
}

/**
 * A factor of its own.
 *
 * @example
 * factor(1.58, "1", "modelled", "Uptime Institute 2023", { low: 1.1, high: 1.59 });
 */
export function factor(
	value: number,
	unit: string,
	kind: Kind,
	source: string,
	{ low = value, high = value }: { readonly low?: number; readonly high?: number } = {},
): Factor {
	return { value, low, high, unit, kind, sources: [source] };
}

/** Product of factors that are not negative: ends with ends, the weakest kind, all sources. */
export function product(unit: string, factors: readonly Factor[], times = 1): Factor {
	const of = (key: "value" | "low" | "high") => factors.reduce((all, each) => all * each[key], times);
	return together(unit, factors, of);
}

/** Sum of factors of one unit. */
export function sum(unit: string, factors: readonly Factor[]): Factor {
	return together(unit, factors, (key) => factors.reduce((all, each) => all + each[key], 0));
}

/** One over a factor: its high end is the low one's. */
export function inverse(unit: string, given: Factor): Factor {
	return { ...given, value: 1 / given.value, low: 1 / given.high, high: 1 / given.low, unit };
}

function together(unit: string, factors: readonly Factor[], of: (key: "value" | "low" | "high") => number): Factor {
	return {
		value: of("value"),
		low: of("low"),
		high: of("high"),
		unit,
		kind: weakestKind(factors.map(({ kind }) => kind)),
		sources: [...new Set(factors.flatMap(({ sources }) => sources))],
	};
}
