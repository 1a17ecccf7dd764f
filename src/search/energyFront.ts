import type { Configuration } from "../pipeline/configuration.js";
import { pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import type { Infeasible } from "./infeasible.js";
import { type Bounds, optimizePipeline } from "./optimum.js";

/** One configuration that nothing beats in both energy and the objective without energy. */
export interface FrontPoint {
	readonly configuration: Configuration;
	readonly energy_j_per_request: number;
	/** alpha x accuracy - beta x cost - gamma x batches. */
	readonly objective_without_energy: number;
}

/** `complete`: every point of the front. `cut`: the first `limit` of them, from the best objective on. */
export type EnergyFront = { readonly status: "complete" | "cut"; readonly points: readonly FrontPoint[] } | Infeasible;

/**
 * The whole trade-off between energy and what IPA optimises without it, exactly: from the best objective on, each
 * further point is the best configuration with less energy than the point before (the epsilon-constraint method, Haimes
 * et al. 1971). Of configurations with one objective the one with the least energy is on the front.
 *
 * Energies that differ by less than 1e-9 relative count as equal.
 *
 * @throws InputError where an option has no energy, or no requests arrive
 */
export function energyFront(spec: PipelineSpec, { bounds = {}, limit = 10_000 } = {} as FrontOptions): EnergyFront {
	const { prices: _, ...unpriced } = spec;
	const pipeline = pipelineOptions({ ...unpriced, weights: { ...spec.weights, delta: 0 } });
	const points: FrontPoint[] = [];
	let allowed_j = bounds.max_energy_j_per_request ?? Number.MAX_VALUE;
	for (;;) {
		const found = optimizePipeline(pipeline, { bounds: { ...bounds, max_energy_j_per_request: allowed_j } });
		if (found.status === "infeasible") return points.length === 0 ? found : { status: "complete", points };
		const { configuration } = found;
		// The bound asked for energies: an optimum under it has one.
		if (configuration.energy.status === "unavailable") throw new RangeError(configuration.energy.reason);
		const { energy_j_per_request } = configuration.energy;
		const before = points.at(-1);
		if (before !== undefined && same(before.objective_without_energy, configuration.objective)) points.pop();
		if (points.length === limit) return { status: "cut", points };
		points.push({ configuration, energy_j_per_request, objective_without_energy: configuration.objective });
		allowed_j = energy_j_per_request * (1 - 1e-9);
	}
}

export interface FrontOptions {
	readonly bounds?: Bounds;
	/** Most points to look for. */
	readonly limit?: number;
}

function same(a: number, b: number): boolean {
	return Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a));
}
