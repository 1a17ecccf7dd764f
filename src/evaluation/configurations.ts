import { stageEnergy } from "../pipeline/energy.js";
import { queueing } from "../pipeline/queueing.js";
import { fewestReplicas } from "../search/items.js";
import type { StudyCell } from "./population.js";

/** An arrival rate, 1/s, or `limit`: so many replicas that none is partly idle (n = rate / throughput, real-valued). */
export type Rate = number | "limit";

/**
 * Who pays for idle power. `dedicated`: a replica pays for its machine, n (u P + (1 - u) P_idle). `shared`: the machine
 * runs anyway, (P - P_idle) / throughput a request.
 */
export type Accounting = "dedicated" | "shared";

/** A cell as IPA's configuration at a rate: the fewest replicas that carry it. All per request but cost and latency. */
export interface StudyConfiguration {
	readonly replicas: number;
	/** Share of the replicas' time that is busy. */
	readonly utilisation: number;
	/** Allocated cores or GPUs over all replicas; at the limit per 1/s of rate. */
	readonly cost: number;
	/** Of a batch and the wait for it, s; absent where the source has none. */
	readonly latency_s?: number;
	/** What is charged, J. */
	readonly energy_j: number;
	/** The part of energy_j that does not depend on the cell's power, J: negative where idle power is taken off. */
	readonly idle_j: number;
}

/** A throughput this near under the rate carries it: a rate is a multiple of a throughput, and products round. */
const rounding = 1e-9;

/**
 * Cells as configurations at one rate, by the pipeline's own formulas.
 *
 * @param idle_w power of one idle replica of each cell, W
 * @param least_share shared accounting: the least share of a cell's energy that is left once idle power is taken off
 * @example configurationsAt(population.cells, 20, "dedicated", () => 0, 0.02)
 */
export function configurationsAt(
	cells: readonly StudyCell[],
	rate: Rate,
	accounting: Accounting,
	idle_w: (cell: StudyCell) => number,
	least_share: number,
): StudyConfiguration[] {
	return cells.map((cell) => {
		const { throughput_rps, energy_j_per_request, batch, allocation } = cell;
		// At the limit energy and cost per request do not depend on the rate: 1/s with a real number of replicas.
		const rate_rps = rate === "limit" ? 1 : rate;
		const replicas =
			rate === "limit" ? 1 / throughput_rps : fewestReplicas(throughput_rps, rate_rps - rounding * throughput_rps);
		const energy = stageEnergy(
			{ energy_j_per_batch: energy_j_per_request * batch, idle_power_w: idle_w(cell), kind: "measured" },
			// The time that a batch keeps a replica busy, by the throughput that was measured.
			{ latency_s: batch / throughput_rps, batch, replicas },
			rate_rps,
		);
		const energy_j =
			accounting === "dedicated"
				? energy.energy_j_per_request
				: Math.max(energy.dynamic_j_per_request, least_share * energy_j_per_request);
		const wait_s = rate === "limit" || cell.continuous_batching ? 0 : queueing("published", batch, rate_rps);
		return {
			replicas,
			utilisation: energy.utilisation,
			cost: allocation * replicas,
			...(cell.latency_s === undefined ? {} : { latency_s: cell.latency_s + wait_s }),
			energy_j,
			idle_j: energy_j - energy_j_per_request,
		};
	});
}

/** The median throughput of one replica over all cells, 1/s: what rates are multiples of. */
export function medianThroughput(cells: readonly StudyCell[]): number {
	const sorted = Float64Array.from(cells, ({ throughput_rps }) => throughput_rps).sort();
	const middle = sorted.length >> 1;
	const upper = sorted[middle] as number;
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
