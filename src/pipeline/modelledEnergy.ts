import { serviceTime } from "./options.js";
import type { PipelineSpec } from "./spec.js";

/** Power of an allocated core, W, and of the node that it is in. */
export interface CorePower {
	readonly idle_w_per_core: number;
	/** Of a busy core, what it draws idle included. */
	readonly full_w_per_core: number;
	/** Standard error of full_w_per_core, W, where known: one error for all points. */
	readonly full_se_w_per_core?: number | undefined;
	/** What the node draws with the pipeline at work and no core of it busy, W; absent where cores are all that is paid. */
	readonly floor_w?: number | undefined;
	readonly floor_se_w?: number | undefined;
}

/**
 * A pipeline whose every point has a modelled energy: all allocated cores at full power while a batch runs, at idle
 * power otherwise, above the node's floor where there is one. A batch runs for batch / throughput, and no longer than its
 * latency, which is a tail. It is a function of latency, throughput and cores, hence coupled with them by construction:
 * of kind `modelled`, good for trying the optimiser out and never evidence. Energies that points already have are
 * replaced, so that measured and modelled ones are not compared with each other.
 */
export function withModelledEnergy(spec: PipelineSpec, power: CorePower): PipelineSpec {
	const { idle_w_per_core, full_w_per_core, full_se_w_per_core, floor_w, floor_se_w } = power;
	return {
		...spec,
		...(floor_w === undefined
			? {}
			: {
					node: {
						floor_w,
						...(floor_se_w === undefined ? {} : { floor_se_w }),
						kind: "modelled" as const,
					},
				}),
		stages: spec.stages.map((stage) => ({
			...stage,
			points: stage.points.map((point) => {
				const core_s = point.cores * serviceTime(point);
				return {
					...point,
					energy: {
						energy_j_per_batch: core_s * full_w_per_core,
						idle_power_w: point.cores * idle_w_per_core,
						...(full_se_w_per_core === undefined
							? {}
							: { energy_se_j_per_batch: core_s * full_se_w_per_core, error_source: "W per busy core" }),
						kind: "modelled" as const,
					},
				};
			}),
		})),
	};
}
