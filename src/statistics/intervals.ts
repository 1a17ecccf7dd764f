import { type Outcome, type Undefined, undefinedBecause } from "./checks.js";
import { normalQuantile, tQuantile } from "./distributions.js";

/** A two-sided confidence interval. */
export interface Interval {
	readonly low: number;
	readonly high: number;
	readonly level: number;
}

/**
 * Student's interval of a mean: mean ± t(n - 1) sd / sqrt(n).
 *
 * @param sd the sample standard deviation (n - 1 in its denominator), in the unit of the mean
 * @returns undefined as `too-few` (n < 2), `non-finite` or `out-of-range` (sd < 0, level outside of (0, 1))
 */
export function tInterval(mean: number, sd: number, n: number, level = 0.95): Outcome<Interval> {
	const fault = faultInLevel(level);
	if (fault !== undefined) return fault;
	if (!Number.isFinite(mean) || !Number.isFinite(sd)) return undefinedBecause("non-finite", `mean ${mean}, sd ${sd}`);
	if (sd < 0) return undefinedBecause("out-of-range", `sd must be >= 0, received ${sd}`);
	if (!(n >= 2)) return undefinedBecause("too-few", `${n} observations, at least 2 needed`);
	const half = (tQuantile((1 + level) / 2, n - 1) * sd) / Math.sqrt(n);
	return { status: "ok", low: mean - half, high: mean + half, level };
}

/**
 * Fisher's z interval of a correlation of n independent observations: tanh(atanh(r) ± z s), with s = 1 / sqrt(n - 3)
 * for Pearson, and s = sqrt((1 + r^2 / 2) / (n - 3)) for Spearman (Bonett and Wright, Psychometrika 65, 2000).
 * Cells of one sweep are not independent: use clusterBootstrap for those.
 *
 * @returns undefined as `too-few` (n < 4), `constant` (|r| = 1 has no sampling error to show) or `out-of-range`
 */
export function fisherZInterval(
	correlation: number,
	n: number,
	{ level = 0.95, method = "pearson" }: { readonly level?: number; readonly method?: "pearson" | "spearman" } = {},
): Outcome<Interval> {
	const fault = faultInLevel(level);
	if (fault !== undefined) return fault;
	if (!(Math.abs(correlation) <= 1))
		return undefinedBecause("out-of-range", `correlation must be in [-1, 1], received ${correlation}`);
	if (!(n >= 4)) return undefinedBecause("too-few", `${n} observations, at least 4 needed`);
	if (Math.abs(correlation) === 1) return undefinedBecause("constant", `correlation is ${correlation}: no interval`);
	const error = Math.sqrt((method === "spearman" ? 1 + correlation ** 2 / 2 : 1) / (n - 3));
	const half = normalQuantile((1 + level) / 2, 0, 1) * error;
	const z = Math.atanh(correlation);
	return { status: "ok", low: Math.tanh(z - half), high: Math.tanh(z + half), level };
}

/** The fault of a confidence level that is not in (0, 1). */
export function faultInLevel(level: number): Undefined | undefined {
	return level > 0 && level < 1
		? undefined
		: undefinedBecause("out-of-range", `level must be in (0, 1), received ${level}`);
}
