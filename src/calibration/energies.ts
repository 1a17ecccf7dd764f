import type { Kind } from "../units.js";
import type { Calibration } from "./calibration.js";
import { type CalibrationCell, timePerRequest } from "./cells.js";

/** What a calibration says of one cell's energy. */
export interface CalibratedEnergy {
	readonly cell: CalibrationCell;
	/** `measured` of the cells that were; `modelled` of those predicted, which are no evidence. */
	readonly kind: Kind;
	/** Gross energy of a request and of a batch, J: of a predicted cell its expectation. */
	readonly energy_j_per_request: number;
	readonly energy_j_per_batch: number;
	/** Standard error of the energy of a batch, J: of a predicted cell the predictor's standard deviation. */
	readonly energy_se_j_per_batch: number;
	/** Mean power while busy, and its interval at the settings' level, W. */
	readonly power_w: number;
	readonly power_low_w: number;
	readonly power_high_w: number;
}

/** Energies of every cell with their kinds and intervals, in the cells' order. */
export function calibratedEnergies({ cells, belief, intervals }: Calibration): readonly CalibratedEnergy[] {
	return cells.map((cell, i) => {
		const mean = belief.mean[i] as number;
		const half = intervals.half[i] as number;
		const energy_j_per_request = belief.energy_j[i] as number;
		const energy_j_per_batch = energy_j_per_request * cell.batch;
		return {
			cell,
			kind: belief.measured[i] === 1 ? "measured" : "modelled",
			energy_j_per_request,
			energy_j_per_batch,
			energy_se_j_per_batch: energy_j_per_batch * Math.sqrt(Math.expm1(belief.variance[i] as number)),
			power_w: energy_j_per_request / timePerRequest(cell),
			power_low_w: Math.exp(mean - half),
			power_high_w: Math.exp(mean + half),
		};
	});
}

/** Median half width of the intervals of the cells that are not measured, as a share of the power; undefined where all are. */
export function medianHalfWidth({ belief, intervals }: Calibration): number | undefined {
	const left = [...intervals.half].filter((_, i) => belief.measured[i] === 0).sort((a, b) => a - b);
	const middle = left[left.length >> 1];
	return middle === undefined ? undefined : Math.expm1(middle);
}
