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
