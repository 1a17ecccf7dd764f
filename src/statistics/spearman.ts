import { faultIn } from "./check.js";
import { type Correlation, correlationP } from "./correlation.js";
import { type Outcome, undefinedBecause } from "./outcome.js";
import { spearmanValue } from "./spearmanValue.js";

/**
 * Spearman's rank correlation: Pearson's r of the mid-ranks, with the p value of Student's t on n - 2 degrees of
 * freedom (as SciPy's spearmanr). The p value is an approximation, poor below about 10 observations.
 *
 * @returns undefined as `length-mismatch`, `too-few` (n < 4), `non-finite` or `constant`
 * @example
 * spearman([1, 2, 3, 4], [1, 4, 9, 16]); // { status: "ok", value: 1, n: 4, p: 0 }
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): Outcome<Correlation> {
	const fault = faultIn(
		[
			["x", x],
			["y", y],
		],
		4,
	);
	if (fault !== undefined) return fault;
	const value = spearmanValue(x, y);
	if (value === undefined) return undefinedBecause("constant", "an input does not vary");
	return { status: "ok", value, n: x.length, p: correlationP(value, x.length - 2) };
}
