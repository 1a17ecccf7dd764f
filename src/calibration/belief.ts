import type { CalibrationCell } from "./cells.js";
import { timePerRequest } from "./cells.js";
import type { Posterior } from "./posterior.js";
import type { Scenario } from "./scenarios.js";

/** What the predictor says of every cell: the particles' mixture. */
export interface Belief {
	/** Mean of log power, power in W; of a measured cell the measurement. */
	readonly mean: Float64Array;
	/** Variance of log power, the cell's own deviation included but for its heavy tail; of a measured cell its noise's. */
	readonly variance: Float64Array;
	readonly measured: Uint8Array;
	/** Expected energy of a request, J. */
	readonly energy_j: Float64Array;
}

/** The particles' mixture for every cell. Before any measurement the level is unknown, and energies are to a factor. */
export function beliefOf(posterior: Posterior, cells: readonly CalibrationCell[]): Belief {
	const { particles, level } = posterior;
	const count = cells.length;
	const mean = new Float64Array(count);
	const variance = new Float64Array(count);
	for (const { weight, mean: own } of particles)
		for (let i = 0; i < count; i++) mean[i] = (mean[i] as number) + weight * (own[i] as number);
	for (const { weight, mean: own, variance: spread, kernel } of particles)
		for (let i = 0; i < count; i++) {
			const off = (own[i] as number) - (mean[i] as number);
			variance[i] =
				(variance[i] as number) + weight * (Math.max(spread[i] as number, 0) + kernel.deviation + off * off);
		}
	const measured = new Uint8Array(count);
	posterior.measured.forEach((cell, n) => {
		measured[cell] = 1;
		mean[cell] = posterior.values[n] as number;
		variance[cell] = posterior.noises[n] as number;
	});
	const energy_j = new Float64Array(count);
	cells.forEach((cell, i) => {
		mean[i] = (mean[i] as number) + level;
		energy_j[i] = Math.exp((mean[i] as number) + (variance[i] as number) / 2) * timePerRequest(cell);
	});
	return { mean, variance, measured, energy_j };
}

/** Position within `scenario.cells` of the cell that these energies (J a request, by cell) choose. */
export function chosen({ cells, penalties_j }: Scenario, energy_j: ArrayLike<number>): number {
	let best = 0;
	let least = Number.POSITIVE_INFINITY;
	for (let k = 0; k < cells.length; k++) {
		const total = (energy_j[cells[k] as number] as number) + (penalties_j[k] as number);
		if (total < least) {
			least = total;
			best = k;
		}
	}
	return best;
}
