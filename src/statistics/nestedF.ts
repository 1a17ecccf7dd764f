import fCdf from "@stdlib/stats-base-dists-f-cdf";
import type { OlsFit } from "./ols.js";
import { type Outcome, undefinedBecause } from "./outcome.js";

/** An F test of the columns that one model has beyond another. */
export interface NestedF {
	readonly f: number;
	/** Columns added. */
	readonly df1: number;
	/** Residual degrees of freedom of the larger model. */
	readonly df2: number;
	readonly p: number;
}

/**
 * F test of nested least-squares models (R's anova of two lm fits): do the columns that `larger` adds lower the
 * residual sum of squares by more than chance? Observations are taken as independent.
 *
 * @returns undefined as `not-nested` (a column or the intercept of `smaller` is missing in `larger`, nothing is added,
 * or y differs), `length-mismatch`, or `constant` (the larger model fits exactly: no residual variance to test against)
 */
export function nestedF(smaller: OlsFit, larger: OlsFit): Outcome<NestedF> {
	if (smaller.n !== larger.n) return undefinedBecause("length-mismatch", `${smaller.n} and ${larger.n} observations`);
	const missing = smaller.columns.filter((name) => !larger.columns.includes(name));
	if (missing.length > 0 || (smaller.intercept && !larger.intercept))
		return undefinedBecause("not-nested", `the larger model lacks ${[...missing, "the intercept"][0]}`);
	const df1 = smaller.df_residual - larger.df_residual;
	if (df1 <= 0) return undefinedBecause("not-nested", "the larger model adds no column");
	const scale = Math.sqrt(larger.tss);
	for (let i = 0; i < larger.n; i++) {
		const difference = observed(smaller, i) - observed(larger, i);
		if (Math.abs(difference) > 1e-9 * scale)
			return undefinedBecause("not-nested", `y[${i}] differs between the models`);
	}
	// Names alone do not prove nesting; columns of the same name but other values could fit better.
	if (smaller.rss < larger.rss * (1 - 1e-9))
		return undefinedBecause("not-nested", "the smaller model fits better than the larger");
	if (larger.rss <= 1e-24 * larger.tss)
		return undefinedBecause("constant", "the larger model fits exactly: no residual variance to test against");
	const df2 = larger.df_residual;
	const f = Math.max(0, smaller.rss - larger.rss) / df1 / (larger.rss / df2);
	// P(F > f) as the lower tail of 1/F, which keeps its digits where 1 - cdf would lose them.
	return { status: "ok", f, df1, df2, p: f === 0 ? 1 : fCdf(1 / f, df2, df1) };
}

function observed(fit: OlsFit, i: number): number {
	return (fit.fitted[i] as number) + (fit.residuals[i] as number);
}
