import type { Configuration } from "../../pipeline/configuration.js";
import type { PipelineSpec } from "../../pipeline/spec.js";
import { optimize } from "../../search/optimum.js";
import type { Figure } from "../figure.js";
import { lines } from "../plots/lines.js";
import { profileSource } from "./profileSource.js";

/** The best configuration at an arrival rate, or undefined where none is feasible. */
export interface OptimumAtLoad {
	readonly rate_rps: number;
	readonly configuration?: Configuration;
	readonly infeasible?: string;
}

/** The optimum at each arrival rate, requests/s. */
export function optimaByLoad(spec: PipelineSpec, rates_rps: readonly number[]): OptimumAtLoad[] {
	return rates_rps.map((rate_rps) => {
		const found = optimize({ ...spec, arrival_rate_rps: rate_rps });
		return found.status === "optimal"
			? { rate_rps, configuration: found.configuration }
			: { rate_rps, infeasible: found.detail };
	});
}

/** Rows for a table: what is chosen as the load grows. */
export function optimaRows(optima: readonly OptimumAtLoad[]): Record<string, string | number>[] {
	return optima.map(({ rate_rps, configuration, infeasible }) => ({
		"load (1/s)": rate_rps,
		configuration:
			configuration === undefined
				? `none: ${infeasible}`
				: configuration.stages
						.map(({ variant, cores, batch, replicas }) => `${variant} (${cores} cores, batch ${batch}) x ${replicas}`)
						.join(", "),
		"cost (cores)": configuration?.cost_cores ?? "",
		"latency (s)": configuration === undefined ? "" : Number(configuration.latency_s.toPrecision(4)),
		accuracy: configuration === undefined ? "" : Number(configuration.accuracy.toPrecision(4)),
		kind: configuration?.kind ?? "",
	}));
}

/** A metric of the optimum as the load grows, for each accuracy weight. */
export function optimaLines(
	spec: PipelineSpec,
	rates_rps: readonly number[],
	alphas: readonly number[],
	metric: "cost_cores" | "latency_s" | "accuracy",
): Figure {
	const labels = {
		cost_cores: "cost (cores)",
		latency_s: "latency (s)",
		accuracy: "accuracy (as the objective counts it)",
	};
	return lines({
		title: `The optimum's ${labels[metric]} as the load grows`,
		caption: `${spec.name}; alpha: weight of accuracy beside ${spec.weights.beta} for a core (the pipeline's own: ${spec.weights.alpha}). Where a line has no marker, nothing is feasible.`,
		kind: "modelled",
		source: profileSource,
		x: "arrival rate (1/s)",
		y: labels[metric],
		points: true,
		lines: alphas.map((alpha) => {
			const feasible = optimaByLoad({ ...spec, weights: { ...spec.weights, alpha } }, rates_rps).flatMap(
				({ rate_rps, configuration }) =>
					configuration === undefined ? [] : [{ rate_rps, value: configuration[metric] }],
			);
			return {
				name: `alpha ${alpha}`,
				x: feasible.map(({ rate_rps }) => rate_rps),
				y: feasible.map(({ value }) => value),
			};
		}),
	});
}
