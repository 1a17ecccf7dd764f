import { ols } from "../statistics/ols.js";
import type { Undefined } from "../statistics/outcome.js";
import { deviations } from "./deviations.js";
import type { EvidenceCell } from "./evidence.js";
import { type MetricName, metrics } from "./metrics.js";

/** Points of a partial-residual plot. */
export type PartialResiduals =
	| {
			readonly status: "ok";
			/** Slope: the elasticity of energy in the metric, the other metrics held. */
			readonly slope: number;
			readonly points: readonly { readonly cell: EvidenceCell; readonly x: number; readonly residual: number }[];
	  }
	| Undefined;

/**
 * What one metric adds to the others in a log-log regression of energy per request (Larsen and McCleary 1972): its
 * term plus the residual, against the metric, both as log deviations from the population's mean.
 */
export function partialResiduals(cells: readonly EvidenceCell[], metric: MetricName): PartialResiduals {
	const independent = metrics.filter((other) => other.independent || other.name === metric).map(({ name }) => name);
	const { metrics: names, x, y, cells: rows } = deviations(cells, "all", independent, "request");
	const k = names.indexOf(metric);
	if (k < 0) return { status: "undefined", reason: "constant", detail: `${metric} is absent or does not vary` };
	const fit = ols(
		names.map((name, j) => ({ name, values: x[j] as number[] })),
		y,
		{ intercept: false },
	);
	if (fit.status !== "ok") return fit;
	const slope = fit.coefficients[k]?.estimate as number;
	const points = rows.map((cell, i) => {
		const own = (x[k] as number[])[i] as number;
		return { cell, x: own, residual: slope * own + (fit.residuals[i] as number) };
	});
	return { status: "ok", slope, points };
}
