import tCdf from "@stdlib/stats-base-dists-t-cdf";

/** A correlation with its two-sided p value against none. */
export interface Correlation {
	/** In [-1, 1]. */
	readonly value: number;
	/** Observations. */
	readonly n: number;
	/** Two-sided p value, as if the observations were independent: cells of one sweep are not (see clusterBootstrap). */
	readonly p: number;
}

/** Two-sided p value of a correlation by Student's t with `degrees` of freedom: n - 2, less one for each control. */
export function correlationP(value: number, degrees: number): number {
	if (Math.abs(value) >= 1) return 0;
	const t = Math.abs(value) * Math.sqrt(degrees / ((1 - value) * (1 + value)));
	return 2 * tCdf(-t, degrees);
}
