import { tQuantile } from "./distributions.js";

/** A ratio of sums over units, and what each unit takes away when it is deleted. */
export interface JackknifeRatioInput {
	readonly numerator: number;
	/** At least the numerator, > 0. */
	readonly denominator: number;
	/** What deleting each unit takes away. Units that share terms (pairs) may add up to more than the whole. */
	readonly units: readonly { readonly numerator: number; readonly denominator: number }[];
	/** A made-up unit, as a part of the mean unit (denominator / units), at a ratio of its own; 0 for none. */
	readonly prior: { readonly units: number; readonly ratio: number };
	/** Confidence level, 0..1. */
	readonly level: number;
}

/** A ratio in 0..1 with its interval. */
export interface JackknifeRatio {
	readonly ratio: number;
	readonly low: number;
	readonly high: number;
}

/**
 * Interval of a ratio of sums by the delete-one jackknife over independent units (Efron and Stein 1981), Student's t
 * with units - 1 degrees of freedom. Units that all agree have no spread, however few they are: the made-up unit, at a
 * ratio of its own, is added to the sums and is one more to delete, so that few of them get a wide interval. The
 * interval is cut to 0..1 and holds the ratio itself, which has no made-up unit in it.
 *
 * @returns 0..1 throughout for fewer than two units
 * @example
 * jackknifeRatio({ numerator: 1, denominator: 2, units: [{ numerator: 0, denominator: 1 }, { numerator: 1, denominator: 1 }], prior: { units: 0, ratio: 0.5 }, level: 0.95 });
 * // { ratio: 0.5, low: 0, high: 1 }
 */
export function jackknifeRatio({ numerator, denominator, units, prior, level }: JackknifeRatioInput): JackknifeRatio {
	const ratio = numerator / denominator;
	const count = units.length;
	if (count < 2) return { ratio, low: 0, high: 1 };
	const extra = (prior.units * denominator) / count;
	const made = { numerator: extra * prior.ratio, denominator: extra };
	const deleted = extra > 0 ? [...units, made] : units;
	const top = numerator + made.numerator;
	const bottom = denominator + made.denominator;
	const left = deleted.map((unit) => {
		const rest = bottom - unit.denominator;
		// Where one unit is all there is, nothing is left to judge by.
		return rest > 1e-12 * bottom ? (top - unit.numerator) / rest : prior.ratio;
	});
	const mean = left.reduce((sum, value) => sum + value, 0) / left.length;
	const squares = left.reduce((sum, value) => sum + (value - mean) ** 2, 0);
	const half = tQuantile((1 + level) / 2, count - 1) * Math.sqrt(((left.length - 1) / left.length) * squares);
	return {
		ratio,
		low: Math.max(0, Math.min(ratio, top / bottom - half)),
		high: Math.min(1, Math.max(ratio, top / bottom + half)),
	};
}
