import { type Kernel, type KernelFamily, kernelAt } from "./kernel.js";

/** Degrees of freedom of a cell's own deviation, as Student's t: few, so that one odd cell is no surprise. */
export const deviationDegrees = 3;

/**
 * Student's t as a mixture of normals: multiples of the deviation's variance, doubling from 0.3, with the probability of
 * each by the inverse gamma distribution that makes the mixture a t.
 */
export const deviationScales: readonly { readonly scale: number; readonly probability: number }[] = (() => {
	const half = deviationDegrees / 2;
	const scales = Array.from({ length: 11 }, (_, k) => 0.3 * 2 ** k);
	const densities = scales.map((scale) => scale ** -half * Math.exp(-half / scale));
	const total = densities.reduce((sum, density) => sum + density, 0);
	return scales.map((scale, k) => ({ scale, probability: (densities[k] as number) / total }));
})();

/** One point of the hyperparameters' posterior, with the Gaussian process conditioned on what was measured. */
export interface Particle {
	/** Hyperparameters as standard normal numbers under their priors. */
	readonly at: readonly number[];
	readonly kernel: Kernel;
	/** Share of the posterior. */
	weight: number;
	/** For each measurement, how many times the deviation's variance its cell's own deviation has: above 1 for an odd cell. */
	readonly tails: number[];
	/** L^-1 K(measured, all cells), row by row with room for more, L being Cholesky's factor of the measured cells' covariance. */
	rows: Float64Array;
	/** L's diagonal. */
	readonly pivots: number[];
	/** L^-1 (y - level). */
	readonly whitened: number[];
	/** Mean of log power less the level, of every cell, its own deviation left out. */
	readonly mean: Float64Array;
	/** Variance of the same. */
	readonly variance: Float64Array;
}

/** Rows that a particle has room for at first, and gets at a time. */
export const room = 16;

/** A particle that nothing is measured for, with room for rows of so many numbers. */
export function unconditioned(
	family: KernelFamily,
	at: readonly number[],
	weight: number,
	tails: number[],
	size: number,
): Particle {
	const { count } = family.features;
	const kernel = kernelAt(family, at);
	const variance = new Float64Array(count);
	for (let i = 0; i < count; i++) variance[i] = kernel.covariance(i, i);
	const rows = new Float64Array(size);
	return { at, kernel, weight, tails, rows, pivots: [], whitened: [], mean: new Float64Array(count), variance };
}

/**
 * Conditions a particle on one more cell: one more row of Cholesky's factor, which is the cell's column of the rows that
 * are there. ml-matrix factors whole matrices only; this costs measured x cells instead of their square.
 */
export function append(particle: Particle, n: number, cell: number, value: number, noise: number): void {
	const { kernel, pivots, whitened, mean, variance, tails } = particle;
	const count = mean.length;
	if ((n + 1) * count > particle.rows.length) {
		const larger = new Float64Array((n + room) * count);
		larger.set(particle.rows);
		particle.rows = larger;
	}
	const rows = particle.rows;
	const own = kernel.deviation(cell) * (tails[n] as number) + noise + jitter;
	const pivot = Math.sqrt(Math.max(variance[cell] as number, 0) + own);
	const at = n * count;
	for (let j = 0; j < count; j++) rows[at + j] = kernel.covariance(cell, j);
	for (let i = 0; i < n; i++) {
		const other = i * count;
		const factor = rows[other + cell] as number;
		for (let j = 0; j < count; j++) rows[at + j] = (rows[at + j] as number) - factor * (rows[other + j] as number);
	}
	const innovation = (value - (mean[cell] as number)) / pivot;
	for (let j = 0; j < count; j++) {
		const entry = (rows[at + j] as number) / pivot;
		rows[at + j] = entry;
		mean[j] = (mean[j] as number) + entry * innovation;
		variance[j] = (variance[j] as number) - entry * entry;
	}
	pivots.push(pivot);
	whitened.push(innovation);
}

/** Keeps a factor of cells that are alike in everything positive definite. */
export const jitter = 1e-8;
