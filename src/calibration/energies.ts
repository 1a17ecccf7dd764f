import { tQuantile } from "../statistics/distributions.js";
import type { Kind } from "../units.js";
import type { Belief } from "./belief.js";
import { type CalibrationCell, timePerRequest } from "./cells.js";
import { deviationDegrees, type Particle } from "./particle.js";
import type { Posterior } from "./posterior.js";

/** Prediction intervals of log power. */
export interface Intervals {
	/** Half the width, on the log scale, of every cell: 0.1 is about 10 %. */
	readonly half: Float64Array;
	/** What the widths were multiplied by, 1 or more: by the leave-one-out z-scores of the measured cells. */
	readonly widened: number;
}

/**
 * Student t intervals of the particles' mixture, widened (never narrowed) by the leave-one-out z-scores of the cells
 * measured: their root mean square, where it is above 1. Degrees of freedom are those of the cells measured in a mode: how
 * irregular its power is, few of its cells tell.
 *
 * @param level 0.9 for intervals that hold nine cells in ten
 */
export function intervals(posterior: Posterior, belief: Belief, level: number, leastDeviation: number): Intervals {
	const { modes, modeCount } = posterior.family.features;
	const widened = Math.max(1, leaveOneOutScale(posterior));
	const quantiles = Array.from({ length: modeCount }, (_, mode) => {
		const known = posterior.measured.filter((cell) => modes[cell] === mode).length;
		return tQuantile((1 + level) / 2, Math.max(2, known - 1));
	});
	const tail = tQuantile((1 + level) / 2, deviationDegrees);
	const own = (cell: number) =>
		posterior.particles.reduce((sum, { weight, kernel }) => sum + weight * kernel.deviation(cell), 0);
	const half = belief.variance.map((variance, i) => {
		const quantile = quantiles[modes[i] as number] as number;
		if (belief.measured[i] === 1) return quantile * Math.sqrt(variance);
		const deviation = own(i);
		const common = Math.max(variance - deviation, 0);
		return (
			widened * Math.hypot(quantile * Math.sqrt(common), tail * Math.sqrt(Math.max(deviation, leastDeviation ** 2)))
		);
	});
	return { widened, half };
}

/** Root mean square of the leave-one-out z-scores over the particles, the prior counting as two cells of z-score 1. */
function leaveOneOutScale({ particles, measured }: Posterior): number {
	const n = measured.length;
	if (n < 3) return 1;
	const means = new Float64Array(n);
	const squares = new Float64Array(n);
	const weights = new Float64Array(n);
	for (const particle of particles) {
		leaveOneOut(particle, measured).forEach((left, i) => {
			const deviation = particle.kernel.deviation(measured[i] as number);
			// Of a cell that was never measured: its own deviation is not yet known to be odd.
			const variance = Math.max(left.variance - deviation * (particle.tails[i] as number), 0) + deviation;
			const { residual } = left;
			// The particle's weight had this cell not been measured; no particle counts more than a thousand times as much.
			const likelihood = Math.max(Math.exp((-0.5 * residual * residual) / variance), 1e-3) / Math.sqrt(variance);
			const own = particle.weight / likelihood;
			weights[i] = (weights[i] as number) + own;
			means[i] = (means[i] as number) + own * residual;
			squares[i] = (squares[i] as number) + own * (variance + residual * residual);
		});
	}
	let sum = 2;
	for (let i = 0; i < n; i++) {
		const mean = (means[i] as number) / (weights[i] as number);
		const mixture = (squares[i] as number) / (weights[i] as number) - mean * mean;
		sum += (mean * mean) / Math.max(mixture, 1e-12);
	}
	return Math.sqrt(sum / (n + 2));
}

/**
 * For each measured cell, what a particle would have been off by had it not been measured, and the variance it would have
 * given it, the cell's own deviation and noise included (Rasmussen and Williams 2006, eq. 5.10 to 5.12).
 */
export function leaveOneOut(
	{ rows, pivots, whitened, mean }: Particle,
	measured: readonly number[],
): readonly { readonly residual: number; readonly variance: number }[] {
	const n = measured.length;
	const inverse = inverseFactor(rows, pivots, measured, mean.length);
	return measured.map((_, i) => {
		let precision = 0;
		let alpha = 0;
		for (let k = i; k < n; k++) {
			const entry = inverse[k * n + i] as number;
			precision += entry * entry;
			alpha += entry * (whitened[k] as number);
		}
		return { residual: alpha / precision, variance: 1 / precision };
	});
}

/** L^-1 of the measured cells' covariance, row by row; L's rows stand in the columns of `rows`. */
function inverseFactor(
	rows: Float64Array,
	pivots: readonly number[],
	measured: readonly number[],
	count: number,
): Float64Array {
	const n = measured.length;
	const inverse = new Float64Array(n * n);
	for (let i = 0; i < n; i++) {
		const pivot = pivots[i] as number;
		inverse[i * n + i] = 1 / pivot;
		for (let k = 0; k < i; k++) {
			const factor = rows[k * count + (measured[i] as number)] as number;
			for (let j = 0; j <= k; j++)
				inverse[i * n + j] = (inverse[i * n + j] as number) - (factor * (inverse[k * n + j] as number)) / pivot;
		}
	}
	return inverse;
}

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

/** What a calibration knows of its cells. */
export interface Predicted {
	readonly cells: readonly CalibrationCell[];
	readonly belief: Belief;
	readonly intervals: Intervals;
}

/**
 * Energies of every cell with their kinds and intervals, in the cells' order.
 *
 * @example
 * const { cells } = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const few = cells.slice(0, 2).map((cell, i) => ({ ...cell, id: `cell ${i}` }));
 * const started = calibration.startCalibration(few, [], () => 0.5);
 * const after = calibration.withMeasurement(started, { cell: 0, power_w: 30, relative_se: 0 }, () => 0.5);
 * calibration.calibratedEnergies(after).map(({ kind }) => kind); // → ["measured", "modelled"]
 */
export function calibratedEnergies({ cells, belief, intervals }: Predicted): readonly CalibratedEnergy[] {
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
export function medianHalfWidth({ belief, intervals }: Pick<Predicted, "belief" | "intervals">): number | undefined {
	const left = [...intervals.half].filter((_, i) => belief.measured[i] === 0).sort((a, b) => a - b);
	const middle = left[left.length >> 1];
	return middle === undefined ? undefined : Math.expm1(middle);
}
