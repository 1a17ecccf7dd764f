import { CholeskyDecomposition, Matrix } from "ml-matrix";
import type { Random } from "../random.js";
import { type KernelFamily, kernelAt } from "./kernel.js";
import { append, deviationScales, jitter, type Particle, room, unconditioned } from "./particle.js";

/** A standard normal number (Box and Muller 1958). */
function normalDraw(random: Random): number {
	return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The predictor after some measurements. */
export interface Posterior {
	readonly family: KernelFamily;
	readonly particles: readonly Particle[];
	/** Positions of the measured cells, in order. */
	readonly measured: readonly number[];
	/** Log power of each, less `level`. */
	readonly values: readonly number[];
	/** Variance of the measurement's own noise, on the log scale. */
	readonly noises: readonly number[];
	/** What log powers are counted from: that of the first measurement, W in logarithms. */
	readonly level: number;
}

/** The predictor before any measurement: particles drawn from the prior. */
export function priorPosterior(family: KernelFamily, random: Random, particles = 64): Posterior {
	return {
		family,
		measured: [],
		values: [],
		noises: [],
		level: 0,
		particles: Array.from({ length: particles }, () => {
			const at = family.priors.map(() => normalDraw(random));
			return unconditioned(family, at, 1 / particles, [], room * family.features.count);
		}),
	};
}

/**
 * The predictor with one more measurement: particles are weighted by how well they foresaw it and, where few of them
 * carry most of the weight, drawn again and moved (Chopin's iterated batch importance sampling; moves by Murray and
 * Adams' slice sampling along ellipses). Takes `posterior` over: it must not be used after.
 *
 * @param power_w W, above 0
 * @param relative_se standard error as a share of the power
 */
export function observe(
	posterior: Posterior,
	cell: number,
	power_w: number,
	relative_se: number,
	random: Random,
): Posterior {
	const { family, particles, measured } = posterior;
	const level = measured.length === 0 ? Math.log(power_w) : posterior.level;
	const value = Math.log(power_w) - level;
	const noise = relative_se ** 2;
	const after: Posterior = {
		family,
		particles,
		level,
		measured: [...measured, cell],
		values: [...posterior.values, value],
		noises: [...posterior.noises, noise],
	};
	const logWeights = particles.map((particle) => {
		const { scale, logLikelihood } = drawnTail(particle, cell, value, noise, random);
		particle.tails.push(scale);
		append(particle, measured.length, cell, value, noise);
		return Math.log(particle.weight) + logLikelihood;
	});
	setWeights(particles, logWeights);
	return effectiveCount(particles) < particles.length / 2 ? moved(after, random) : after;
}

/**
 * The predictor where a measured cell was measured again: its power and error are those of all its repetitions. Takes
 * `posterior` over.
 */
export function observeAgain(
	posterior: Posterior,
	cell: number,
	power_w: number,
	relative_se: number,
	random: Random,
): Posterior {
	const at = posterior.measured.indexOf(cell);
	const replaced = (list: readonly number[], value: number) => list.map((old, i) => (i === at ? value : old));
	const values = replaced(posterior.values, Math.log(power_w) - posterior.level);
	return moved({ ...posterior, values, noises: replaced(posterior.noises, relative_se ** 2) }, random);
}

/** The predictor as it would be if a cell were measured and came out as expected; `posterior` stays as it is. */
export function believing(posterior: Posterior, cell: number): Posterior {
	const { measured } = posterior;
	const value = posterior.particles.reduce((sum, { weight, mean }) => sum + weight * (mean[cell] as number), 0);
	const particles = posterior.particles.map((particle): Particle => {
		const copy: Particle = {
			...particle,
			tails: [...particle.tails, 1],
			rows: particle.rows.slice(),
			pivots: [...particle.pivots],
			whitened: [...particle.whitened],
			mean: particle.mean.slice(),
			variance: particle.variance.slice(),
		};
		append(copy, measured.length, cell, value, 0);
		return copy;
	});
	const { values, noises } = posterior;
	return { ...posterior, particles, measured: [...measured, cell], values: [...values, value], noises: [...noises, 0] };
}

/** Draws the tail of a new measurement given the particle, and gives the measurement's likelihood over all tails. */
function drawnTail({ kernel, mean, variance }: Particle, cell: number, value: number, noise: number, random: Random) {
	const residual = value - (mean[cell] as number);
	const deviation = kernel.deviation(cell);
	const logs = deviationScales.map(({ scale, probability }) => {
		const total = (variance[cell] as number) + noise + deviation * scale;
		return Math.log(probability) - 0.5 * (Math.log(total) + (residual * residual) / total);
	});
	const largest = Math.max(...logs);
	const sum = logs.reduce((total, log) => total + Math.exp(log - largest), 0);
	let left = random() * sum;
	const k = logs.findIndex((log) => {
		left -= Math.exp(log - largest);
		return left <= 0;
	});
	const { scale } = deviationScales[k < 0 ? deviationScales.length - 1 : k] as { scale: number };
	return { scale, logLikelihood: largest + Math.log(sum) };
}

/** Draws the particles again by their weights and moves each, then conditions it afresh. */
function moved(posterior: Posterior, random: Random): Posterior {
	const { family, particles, measured, values, noises } = posterior;
	const chosen = systematic(particles, random);
	const fresh = chosen.map((source): Particle => {
		let point = { at: source.at, log: logLikelihood(posterior, source.at, source.tails) };
		for (let step = 0; step < slices; step++) point = sliced(posterior, point, source.tails, random);
		const size = (measured.length + room) * family.features.count;
		const particle = unconditioned(family, point.at, 1 / particles.length, [...source.tails], size);
		measured.forEach((cell, i) => {
			append(particle, i, cell, values[i] as number, noises[i] as number);
		});
		return particle;
	});
	return { ...posterior, particles: fresh };
}

/** Slice moves of a particle each time that the particles are drawn again. */
const slices = 2;

/** One move along an ellipse through the point and a draw from the prior (Murray, Adams and MacKay 2010). */
function sliced(posterior: Posterior, from: Point, tails: readonly number[], random: Random): Point {
	const other = from.at.map(() => normalDraw(random));
	const threshold = from.log + Math.log(1 - random());
	let angle = 2 * Math.PI * random();
	let low = angle - 2 * Math.PI;
	let high = angle;
	for (let tries = 0; tries < 30; tries++) {
		const cos = Math.cos(angle);
		const sin = Math.sin(angle);
		const at = from.at.map((value, d) => value * cos + (other[d] as number) * sin);
		const log = logLikelihood(posterior, at, tails);
		if (log > threshold) return { at, log };
		if (angle < 0) low = angle;
		else high = angle;
		angle = low + (high - low) * random();
	}
	return from;
}

/** Hyperparameters, as a particle has them, and the log marginal likelihood there. */
interface Point {
	readonly at: readonly number[];
	readonly log: number;
}

/** Log marginal likelihood of what was measured, for hyperparameters and tails, up to a constant. */
export function logLikelihood(posterior: Posterior, at: readonly number[], tails: readonly number[]): number {
	const { family, measured, values, noises } = posterior;
	const kernel = kernelAt(family, at);
	const n = measured.length;
	const covariance = new Matrix(n, n);
	for (let i = 0; i < n; i++) {
		for (let j = 0; j <= i; j++) {
			const entry = kernel.covariance(measured[i] as number, measured[j] as number);
			const own =
				i === j ? kernel.deviation(measured[i] as number) * (tails[i] as number) + (noises[i] as number) + jitter : 0;
			covariance.set(i, j, entry + own);
			covariance.set(j, i, entry + own);
		}
	}
	const factor = new CholeskyDecomposition(covariance);
	if (!factor.isPositiveDefinite()) return Number.NEGATIVE_INFINITY;
	const lower = factor.lowerTriangularMatrix;
	let result = 0;
	const whitened = new Float64Array(n);
	for (let i = 0; i < n; i++) {
		let rest = values[i] as number;
		for (let j = 0; j < i; j++) rest -= lower.get(i, j) * (whitened[j] as number);
		const pivot = lower.get(i, i);
		whitened[i] = rest / pivot;
		result -= 0.5 * (whitened[i] as number) ** 2 + Math.log(pivot);
	}
	return result;
}

function setWeights(particles: readonly Particle[], logs: readonly number[]): void {
	const largest = Math.max(...logs);
	const sum = logs.reduce((total, log) => total + Math.exp(log - largest), 0);
	particles.forEach((particle, p) => {
		particle.weight = Math.exp((logs[p] as number) - largest) / sum;
	});
}

function effectiveCount(particles: readonly Particle[]): number {
	return 1 / particles.reduce((total, { weight }) => total + weight ** 2, 0);
}

/** As many particles, each as often as its weight says, by one uniform number (systematic resampling). */
export function systematic(
	particles: readonly Particle[],
	random: Random,
	count = particles.length,
): readonly Particle[] {
	const chosen: Particle[] = [];
	let p = 0;
	let sum = (particles[0] as Particle).weight;
	const offset = random();
	for (let i = 0; i < count; i++) {
		while (sum < (i + offset) / count && p < particles.length - 1) sum += (particles[++p] as Particle).weight;
		chosen.push(particles[p] as Particle);
	}
	return chosen;
}
