import type { ProfileEnergy } from "./profile.js";

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
