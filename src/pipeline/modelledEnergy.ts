import type { PipelineSpec } from "./spec.js";

/** Power of an allocated core, W. */
export interface CorePower {
	readonly idle_w_per_core: number;
	readonly full_w_per_core: number;
}

/**
 * A pipeline whose every point has a modelled energy: all allocated cores at full power while a batch runs, at idle
 * power otherwise. It is a function of latency and cores, hence coupled with them by construction: of kind `modelled`,
 * good for trying the optimiser out and never evidence. Energies that points already have are replaced, so that measured
 * and modelled ones are not compared with each other.
 */
export function withModelledEnergy(spec: PipelineSpec, { idle_w_per_core, full_w_per_core }: CorePower): PipelineSpec {
	return {
		...spec,
		stages: spec.stages.map((stage) => ({
			...stage,
			points: stage.points.map((point) => ({
				...point,
				energy: {
					energy_j_per_batch: point.cores * full_w_per_core * point.latency_s,
					idle_power_w: point.cores * idle_w_per_core,
					kind: "modelled" as const,
				},
			})),
		})),
	};
}
