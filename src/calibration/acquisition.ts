import { integerBelow, type Random } from "../random.js";
import type { Belief, Scenario } from "./belief.js";
import { type Contest, contests, normalCdf } from "./doubt.js";
import type { Features } from "./kernel.js";
import type { Particle } from "./particle.js";
import { type Posterior, systematic } from "./posterior.js";

/**
 * Covariances of log power over the mixture of some particles of equal weight, targets x targets, row by row. A cell's own
 * deviation counts on the diagonal; a measured target has none.
 */
function covariances(particles: readonly Particle[], targets: readonly number[], belief: Belief): Float64Array {
	const size = targets.length;
	const result = new Float64Array(size * size);
	const share = 1 / particles.length;
	const average = targets.map((target) =>
		particles.reduce((sum, { mean }) => sum + share * (mean[target] as number), 0),
	);
	const work = new Float64Array(size);
	for (const { kernel, rows, pivots, mean } of particles) {
		const factors = new Float64Array(pivots.length * size);
		for (let n = 0; n < pivots.length; n++)
			for (let t = 0; t < size; t++) factors[n * size + t] = rows[n * mean.length + (targets[t] as number)] as number;
		const off = targets.map((target, t) => (mean[target] as number) - (average[t] as number));
		for (let t = 0; t < size; t++) {
			const target = targets[t] as number;
			if (belief.measured[target] === 1) continue;
			for (let u = t; u < size; u++) work[u] = kernel.covariance(target, targets[u] as number);
			for (let row = 0; row < factors.length; row += size) {
				const own = factors[row + t] as number;
				for (let u = t; u < size; u++) work[u] = (work[u] as number) - own * (factors[row + u] as number);
			}
			work[t] = (work[t] as number) + kernel.deviation(target);
			for (let u = t; u < size; u++)
				if (belief.measured[targets[u] as number] === 0) {
					const at = t * size + u;
					result[at] = (result[at] as number) + share * ((work[u] as number) + (off[t] as number) * (off[u] as number));
					result[u * size + t] = result[at] as number;
				}
		}
	}
	return result;
}

/** Particles that stand for all of them where every pair of cells counts: 16, fewer where there are so many pairs. */
function representatives(pairs: number): number {
	return Math.max(4, Math.min(16, Math.floor(1.6e6 / Math.max(1, pairs))));
}

/** Standard normal numbers with their shares: wide, since a choice that may change seldom matters too. */
const nodes = [-3, -2, -1, 0, 1, 2, 3].map((z) => ({ z, share: Math.exp((-z * z) / 2) }));
const allShares = nodes.reduce((sum, { share }) => sum + share, 0);

/** Standard error of a measured power, as a share of it, below which no repetition is worth its time. */
const leastNoise = 0.001;

/** A scenario's choice that gets cheaper by so many margins counts as one scenario set right; more counts no more. */
const marginsThatCount = 3;

/**
 * The knowledge gradient on the choice (Frazier, Powell and Dayanik 2009), averaged over the scenarios: the share of them
 * that is expected to be set right when a cell is measured, or measured again where its measurement is noisy. One number
 * a cell; only cells that can still be chosen have one above 0.
 */
export function knowledgeGradient(
	posterior: Posterior,
	belief: Belief,
	scenarios: readonly Scenario[],
	margin: number,
	random: Random,
): Float64Array {
	const open = contests(scenarios, belief).filter(({ cells }) => cells.length > 1);
	const targets = [...new Set(open.flatMap(({ cells }) => [...cells]))];
	const place = new Map(targets.map((cell, t) => [cell, t]));
	const particles = systematic(
		posterior.particles,
		random,
		Math.min(representatives(targets.length ** 2), posterior.particles.length),
	);
	const size = targets.length;
	const together = covariances(particles, targets, belief);
	const places = open.map(({ cells }) => Int32Array.from(cells, (cell) => place.get(cell) as number));
	const gains = new Float64Array(belief.mean.length);
	const moves = new Float64Array(size);
	targets.forEach((cell, c) => {
		const variance = belief.variance[cell] as number;
		const again = belief.measured[cell] === 1;
		if (again && variance < leastNoise ** 2) return;
		const sd = Math.sqrt(variance);
		// As many repetitions again halve the variance of what is measured already, and tell little of other cells.
		for (let t = 0; t < size; t++)
			moves[t] = again ? (t === c ? sd * Math.SQRT1_2 : 0) : (together[c * size + t] as number) / sd;
		let sum = 0;
		open.forEach((contest, s) => {
			sum += gainOf(contest, places[s] as Int32Array, moves, belief, marginsThatCount * margin);
		});
		gains[cell] = sum / scenarios.length;
	});
	return gains;
}

/** By how much one scenario's choice gets cheaper in expectation, as a share of what is counted as 1. */
function gainOf(
	{ cells, penalties_j, reference_j }: Contest,
	places: Int32Array,
	moves: Float64Array,
	{ energy_j }: Belief,
	enough: number,
): number {
	let gain = 0;
	for (const { z, share } of nodes) {
		let least = Number.POSITIVE_INFINITY;
		let now = 0;
		for (let k = 0; k < cells.length; k++) {
			const move = moves[places[k] as number] as number;
			// exp(move z - move^2 / 2), to second order.
			const factor = 1 + move * z + (move * move * (z * z - 1)) / 2;
			const total = (energy_j[cells[k] as number] as number) * factor + (penalties_j[k] as number);
			if (k === 0) now = total;
			if (total < least) least = total;
		}
		gain += share * Math.min(1, (now - least) / (enough * reference_j));
	}
	return gain / allShares;
}

/** Expected improvement over the best measured cell (Mockus 1975; Jones et al. 1998), averaged over the scenarios. */
export function expectedImprovement(belief: Belief, scenarios: readonly Scenario[]): Float64Array {
	const { energy_j, variance, measured } = belief;
	const gains = new Float64Array(energy_j.length);
	const open = contests(scenarios, belief);
	scenarios.forEach(({ cells, penalties_j }, s) => {
		let incumbent = Number.POSITIVE_INFINITY;
		for (let k = 0; k < cells.length; k++)
			if (measured[cells[k] as number] === 1)
				incumbent = Math.min(incumbent, (energy_j[cells[k] as number] as number) + (penalties_j[k] as number));
		const { best_j, reference_j } = open[s] as { best_j: number; reference_j: number };
		if (!Number.isFinite(incumbent)) incumbent = best_j;
		for (let k = 0; k < cells.length; k++) {
			const cell = cells[k] as number;
			if (measured[cell] === 1) continue;
			const limit = incumbent - (penalties_j[k] as number);
			if (limit <= 0) continue;
			// Of a log-normal energy with this mean: as in Black and Scholes' formula.
			const sd = Math.sqrt(variance[cell] as number);
			const mean = energy_j[cell] as number;
			const d = (Math.log(limit / mean) + (sd * sd) / 2) / sd;
			gains[cell] =
				(gains[cell] as number) + (limit * normalCdf(d) - mean * normalCdf(d - sd)) / reference_j / scenarios.length;
		}
	});
	return gains;
}

/** Distance of every cell to the nearest measured one, over standardised columns and categories that differ; measured cells 0. */
export function spaceFilling(features: Features, measured: readonly number[]): Float64Array {
	const { count, values, levels, numeric, categorical } = features;
	const distances = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
	for (let i = 0; i < count; i++)
		for (const j of measured) {
			let squared = 0;
			for (let d = 0; d < numeric.length; d++)
				squared += ((values[i * numeric.length + d] as number) - (values[j * numeric.length + d] as number)) ** 2;
			for (let d = 0; d < categorical.length; d++)
				if (levels[i * categorical.length + d] !== levels[j * categorical.length + d]) squared += 2;
			distances[i] = Math.min(distances[i] as number, squared);
		}
	return distances;
}

/** A cell that is not measured, each as likely; undefined where all are. */
export function anyUnmeasured({ measured }: Belief, random: Random): number | undefined {
	const left = [...measured.keys()].filter((i) => measured[i] === 0);
	return left[integerBelow(random, left.length)];
}
