import { faultIn } from "./check.js";
import { type Correlation, correlationP } from "./correlation.js";
import { factorDesign } from "./factorDesign.js";
import type { DesignColumn } from "./ols.js";
import { type Outcome, undefinedBecause } from "./outcome.js";
import { pearsonValue } from "./pearsonValue.js";
import { ranks } from "./ranks.js";

/**
 * Partial Spearman correlation: all inputs are ranked (mid-ranks), the ranks of x and of y are regressed on the ranks
 * of the controls with an intercept, and the residuals are correlated (as R's ppcor pcor.test with method "spearman").
 * The p value is Student's t on n - 2 - controls degrees of freedom.
 *
 * @param controls one array a control, each as long as x; none gives Spearman's rho
 * @returns undefined as `length-mismatch`, `too-few` (n < 4 + controls), `non-finite`, `constant` (x or y), or
 * `rank-deficient`: a control follows from those before it, or x or y from the controls
 */
export function partialRank(
	x: ArrayLike<number>,
	y: ArrayLike<number>,
	controls: readonly ArrayLike<number>[],
): Outcome<Correlation> {
	const n = x.length;
	const pair = [
		["x", x],
		["y", y],
	] as const;
	const named = controls.map((control, k) => [`control ${k}`, control] as const);
	const minimum = 4 + controls.length;
	const fault = faultIn([...pair, ...named], minimum, { mayBeConstant: true }) ?? faultIn(pair, minimum);
	if (fault !== undefined) return fault;
	const design: DesignColumn[] = [{ name: "(intercept)", values: new Float64Array(n).fill(1) }];
	for (const [name, values] of named) design.push({ name, values: ranks(values) });
	const factored = factorDesign(design);
	if (factored.status === "undefined") return factored;
	const residuals: Float64Array[] = [];
	for (const [name, values] of pair) {
		const rank = ranks(values);
		const coefficients = factored.solve(rank);
		const residual = rank.map((value, i) => {
			let rest = value;
			design.forEach((column, j) => {
				rest -= (column.values[i] as number) * (coefficients[j] as number);
			});
			return rest;
		});
		// Ranks reach n; what is left of a determined input is rounding of that size.
		if (residual.every((value) => Math.abs(value) < 1e-9 * n))
			return undefinedBecause("rank-deficient", `the ranks of ${name} follow from those of the controls`, [name]);
		residuals.push(residual);
	}
	const value = pearsonValue(residuals[0] as Float64Array, residuals[1] as Float64Array);
	if (value === undefined) return undefinedBecause("constant", "a residual does not vary");
	return { status: "ok", value, n, p: correlationP(value, n - 2 - controls.length) };
}
