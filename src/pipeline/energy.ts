import { serviceTime } from "./options.js";
import type { ProfileEnergy } from "./profile.js";
import type { PipelineSpec } from "./spec.js";

/** Energy of a stage at an arrival rate. */
export interface StageEnergy {
	/** Mean power of all replicas, W. */
	readonly power_w: number;
	/** Gross energy of a request, idle replicas included, J. */
	readonly energy_j_per_request: number;
	/** Energy that one more request in a full batch costs while busy, J. */
	readonly marginal_j_per_request: number;
	/** energy_j_per_request less the idle power of all replicas, J. */
	readonly dynamic_j_per_request: number;
	/** Standard error of energy_j_per_request from that of the measured batch energy, J. */
	readonly energy_se_j_per_request?: number;
	/** Share of the replicas' time that is busy, at most 1. */
	readonly utilisation: number;
}

/**
 * Energy of a stage: utilisation u = r l / (n b); power = n (u P_busy + (1 - u) P_idle) with P_busy = E_b / l; energy
 * per request = power / r.
 *
 * A measured throughput can carry a rate above n b / l, since l is a p99 by IPA's convention and batches take less on the
 * mean: the replicas are then busy all the time and never more, so that no idle power is taken off.
 *
 * @param rate_rps arrival rate r > 0
 */
export function stageEnergy(
	{ energy_j_per_batch, idle_power_w, energy_se_j_per_batch }: ProfileEnergy,
	{ latency_s, batch, replicas }: { latency_s: number; batch: number; replicas: number },
	rate_rps: number,
): StageEnergy {
	const busyReplicas = Math.min(replicas, (rate_rps * latency_s) / batch);
	const busy_w = (rate_rps * energy_j_per_batch) / batch;
	const power_w = busy_w + (replicas - busyReplicas) * idle_power_w;
	return {
		power_w,
		energy_j_per_request: power_w / rate_rps,
		marginal_j_per_request: energy_j_per_batch / batch,
		dynamic_j_per_request: (power_w - replicas * idle_power_w) / rate_rps,
		...(energy_se_j_per_batch === undefined ? {} : { energy_se_j_per_request: energy_se_j_per_batch / batch }),
		utilisation: busyReplicas / replicas,
	};
}

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
 *
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * const modelled = pipeline.withModelledEnergy(spec, await pipeline.readEnergyCoefficients());
 * modelled.stages[0].points[0].energy.kind; // → "modelled"
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
