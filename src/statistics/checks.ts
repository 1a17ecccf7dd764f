/** A range below this share of the largest magnitude is rounding, not variation (SciPy's near-constant rule). */
const NEAR_CONSTANT = 1e-13;

/** Magnitudes whose squares neither overflow nor underflow a double. */
const LARGEST = 1e150;
const SMALLEST = 1e-150;

/** Whether all values are equal, or differ only by rounding. True for an empty input. */
export function isConstant(values: ArrayLike<number>): boolean {
	let low = Number.POSITIVE_INFINITY;
	let high = Number.NEGATIVE_INFINITY;
	for (let i = 0; i < values.length; i++) {
		const value = values[i] as number;
		if (value < low) low = value;
		if (value > high) high = value;
	}
	return !(high - low > NEAR_CONSTANT * Math.max(Math.abs(low), Math.abs(high)));
}

/** The fault of values that are not finite, or whose squares are not. */
function faultInValues(name: string, values: ArrayLike<number>): Undefined | undefined {
	let largest = 0;
	for (let i = 0; i < values.length; i++) {
		const value = values[i] as number;
		if (!Number.isFinite(value)) return undefinedBecause("non-finite", `${name}[${i}] is ${value}`);
		largest = Math.max(largest, Math.abs(value));
	}
	if (largest === 0 || (largest > SMALLEST && largest < LARGEST)) return undefined;
	return undefinedBecause("out-of-range", `${name} reaches ${largest}, whose square is not a number that can be held`);
}

/**
 * Checks named inputs that must be equally long, finite, at least `minimum` long and, unless told otherwise, varying.
 * Returns the first fault found, in the order length, count, finiteness (and magnitude), constancy.
 */
export function faultIn(
	inputs: readonly (readonly [name: string, values: ArrayLike<number>])[],
	minimum: number,
	{ mayBeConstant = false }: { readonly mayBeConstant?: boolean } = {},
): Undefined | undefined {
	const [first] = inputs;
	if (first === undefined) return undefinedBecause("too-few", "no input");
	const n = first[1].length;
	for (const [name, values] of inputs)
		if (values.length !== n)
			return undefinedBecause("length-mismatch", `${first[0]} has ${n} values, ${name} has ${values.length}`);
	if (n < minimum) return undefinedBecause("too-few", `${n} observations, at least ${minimum} needed`);
	for (const [name, values] of inputs) {
		const fault = faultInValues(name, values);
		if (fault !== undefined) return fault;
	}
	if (!mayBeConstant)
		for (const [name, values] of inputs)
			if (isConstant(values)) return undefinedBecause("constant", `${name} is ${values[0]} throughout`);
	return undefined;
}

/**
 * Why a statistic does not exist for an input:
 * - `too-few`: fewer observations than the statistic needs (correlations: 4; a fit: one more than its columns).
 * - `too-few-clusters`: fewer groups or clusters than the method needs.
 * - `constant`: an input does not vary (or only by rounding), so that there is no variance to explain.
 * - `non-finite`: an input holds NaN or an infinity.
 * - `rank-deficient`: columns are linearly dependent; `dependent` names those that follow from the ones before them.
 * - `length-mismatch`: inputs that must be equally long are not.
 * - `not-nested`: the smaller model is not contained in the larger one.
 * - `out-of-range`: a level, count or probability outside of its range, or values whose squares overflow or underflow.
 * - `unstable`: the statistic was undefined in too many resamples, or a fold could not be fitted.
 */
export type UndefinedReason =
	| "too-few"
	| "too-few-clusters"
	| "constant"
	| "non-finite"
	| "rank-deficient"
	| "length-mismatch"
	| "not-nested"
	| "out-of-range"
	| "unstable";

/** A statistic that does not exist for its input, and why. */
export interface Undefined {
	readonly status: "undefined";
	readonly reason: UndefinedReason;
	/** A sentence for people: which input, what was found. */
	readonly detail: string;
	/** The dependent columns, where the reason is `rank-deficient`. */
	readonly dependent?: readonly string[];
}

/** A statistic, or why there is none. Never NaN, null or 0 in its place. */
export type Outcome<T> = ({ readonly status: "ok" } & T) | Undefined;

/** Builds the outcome of a statistic that does not exist. */
export function undefinedBecause(reason: UndefinedReason, detail: string, dependent?: readonly string[]): Undefined {
	return dependent === undefined
		? { status: "undefined", reason, detail }
		: { status: "undefined", reason, detail, dependent };
}
