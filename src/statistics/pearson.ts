import { faultIn } from "./check.js";
import { type Correlation, correlationP } from "./correlation.js";
import { type Outcome, undefinedBecause } from "./outcome.js";
import { pearsonValue } from "./pearsonValue.js";

/**
 * Pearson's product-moment correlation, with the p value of Student's t on n - 2 degrees of freedom
 * (as SciPy's pearsonr and R's cor.test).
 *
 * @returns undefined as `length-mismatch`, `too-few` (n < 4), `non-finite` or `constant`
 * @example
 * pearson([1, 2, 3, 4], [2, 4, 6, 9]); // { status: "ok", value: 0.9944…, n: 4, p: 0.0055… }
 */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): Outcome<Correlation> {
	const fault = faultIn(
		[
			["x", x],
			["y", y],
		],
		4,
	);
	if (fault !== undefined) return fault;
	const value = pearsonValue(x, y);
	if (value === undefined) return undefinedBecause("constant", "an input varies only by rounding");
	return { status: "ok", value, n: x.length, p: correlationP(value, x.length - 2) };
}
