import tCdf from "@stdlib/stats-base-dists-t-cdf";
import tQuantile from "@stdlib/stats-base-dists-t-quantile";
import { faultIn, isConstant } from "./check.js";
import { factorDesign } from "./factorDesign.js";
import { faultInLevel } from "./intervals.js";
import { type Outcome, undefinedBecause } from "./outcome.js";

/** A named column of a design. */
export interface DesignColumn {
	readonly name: string;
	readonly values: ArrayLike<number>;
}

/** One estimated coefficient. */
export interface Coefficient {
	readonly name: string;
	readonly estimate: number;
	readonly standard_error: number;
	/** estimate / standard_error; infinite where the fit is exact. */
	readonly t: number;
	/** Two-sided, by Student's t on df_residual. */
	readonly p: number;
	/** Confidence interval at the fit's level. */
	readonly low: number;
	readonly high: number;
	/**
	 * Variance inflation factor, 1 / (1 - R2 of this column on the others); absent for the intercept. In a fit without
	 * an intercept that R2 is uncentred.
	 */
	readonly vif?: number;
}

/** A least-squares fit. */
export interface OlsFit {
	/** The intercept, named "(intercept)", first if there is one; then the columns in their order. */
	readonly coefficients: readonly Coefficient[];
	readonly intercept: boolean;
	readonly n: number;
	/** n less the number of coefficients. */
	readonly df_residual: number;
	/** Residual sum of squares. */
	readonly rss: number;
	/** Total sum of squares: about the mean with an intercept, about 0 without. */
	readonly tss: number;
	readonly r2: number;
	readonly adjusted_r2: number;
	/** sqrt(rss / df_residual). */
	readonly residual_sd: number;
	readonly fitted: Float64Array;
	readonly residuals: Float64Array;
	/** Largest over smallest singular value of the design, intercept included, with columns of unit length (Belsley). */
	readonly condition_number: number;
	/** Level of the coefficients' intervals. */
	readonly level: number;
	/** The design that was fitted, for nestedF. */
	readonly columns: readonly string[];
}

/** Options of ols. */
export interface OlsOptions {
	/** Whether to estimate an intercept; true by default. */
	readonly intercept?: boolean;
	/** Level of the coefficients' intervals; 0.95 by default. */
	readonly level?: number;
}

/**
 * Multiple linear regression by least squares: Householder QR of the design itself (columns scaled to unit length),
 * never the normal equations, which square the condition number.
 *
 * @param columns the design without its intercept, each as long as `y`
 * @returns undefined as `length-mismatch`, `too-few` (no residual degree of freedom), `non-finite`, `constant` (y),
 * `out-of-range` (level), or `rank-deficient` with the columns that follow from the intercept and those before them
 * @example
 * ols([{ name: "cores", values: [1, 2, 4, 8] }], [3, 5, 9, 17.5]);
 */
export function ols(
	columns: readonly DesignColumn[],
	y: ArrayLike<number>,
	{ intercept = true, level = 0.95 }: OlsOptions = {},
): Outcome<OlsFit> {
	const levelFault = faultInLevel(level);
	if (levelFault !== undefined) return levelFault;
	const n = y.length;
	const design = intercept ? [{ name: "(intercept)", values: new Float64Array(n).fill(1) }, ...columns] : [...columns];
	const named = design.map(({ name, values }) => [`column ${name}`, values] as const);
	const fault = faultIn([["y", y], ...named], design.length + 1, { mayBeConstant: true });
	if (fault !== undefined) return fault;
	if (isConstant(y)) return undefinedBecause("constant", `y is ${y[0]} throughout`);
	const factored = factorDesign(design);
	if (factored.status === "undefined") return factored;

	const estimates = factored.solve(y);
	const fitted = new Float64Array(n);
	design.forEach(({ values }, j) => {
		for (let i = 0; i < n; i++) fitted[i] = (fitted[i] as number) + (values[i] as number) * (estimates[j] as number);
	});
	const residuals = Float64Array.from(y, (value, i) => value - (fitted[i] as number));
	const rss = sumOfSquares(residuals);
	const tss = intercept ? centredSumOfSquares(y) : sumOfSquares(y);
	const degrees = n - design.length;
	const variance = rss / degrees;
	const halfWidth = tQuantile((1 + level) / 2, degrees);
	const coefficients = design.map(({ name, values }, j): Coefficient => {
		const estimate = estimates[j] as number;
		const unscaled = factored.unscaledVariances[j] as number;
		const standard_error = Math.sqrt(variance * unscaled);
		// An exact fit has no error: any coefficient but 0 is then infinitely far from 0.
		const t = standard_error > 0 ? estimate / standard_error : estimate === 0 ? 0 : Math.sign(estimate) * Infinity;
		const base = {
			name,
			estimate,
			standard_error,
			t,
			p: Number.isFinite(t) ? 2 * tCdf(-Math.abs(t), degrees) : 0,
			low: estimate - halfWidth * standard_error,
			high: estimate + halfWidth * standard_error,
		};
		if (intercept && j === 0) return base;
		const columnSumOfSquares = intercept ? centredSumOfSquares(values) : sumOfSquares(values);
		return { ...base, vif: Math.max(1, unscaled * columnSumOfSquares) };
	});
	const r2 = 1 - rss / tss;
	return {
		status: "ok",
		coefficients,
		intercept,
		n,
		df_residual: degrees,
		rss,
		tss,
		r2,
		adjusted_r2: 1 - ((1 - r2) * (n - (intercept ? 1 : 0))) / degrees,
		residual_sd: Math.sqrt(variance),
		fitted,
		residuals,
		condition_number: factored.conditionNumber,
		level,
		columns: columns.map(({ name }) => name),
	};
}

function sumOfSquares(values: ArrayLike<number>): number {
	let sum = 0;
	for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
	return sum;
}

function centredSumOfSquares(values: ArrayLike<number>): number {
	const n = values.length;
	let mean = 0;
	for (let i = 0; i < n; i++) mean += (values[i] as number) / n;
	return sumOfSquares(Float64Array.from(values, (value) => value - mean));
}
