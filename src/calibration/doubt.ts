import type { Random } from "../random.js";
import { erfc } from "../statistics/distributions.js";
import { type Belief, chosen, type Scenario } from "./belief.js";
import { type CalibrationCell, timePerRequest } from "./cells.js";
import { deviationScales, type Particle } from "./particle.js";
import { type Posterior, systematic } from "./posterior.js";

const farthest = 9;
const steps = 1024;
const table = Float64Array.from(
	{ length: 2 * farthest * steps + 2 },
	(_, i) => 0.5 * erfc((farthest - i / steps) * Math.SQRT1_2),
);

/** Probability that a standard normal number is below x, to 1e-7: read off a table, since the stop asks it by the million. */
export function normalCdf(x: number): number {
	if (!(x > -farthest)) return 0;
	if (x >= farthest) return 1;
	const position = (x + farthest) * steps;
	const below = Math.floor(position);
	const part = position - below;
	return (table[below] as number) * (1 - part) + (table[below + 1] as number) * part;
}

/** The cells of a scenario that can still be chosen, and what each is thought to cost. */
export interface Contest {
	/** Positions of the cells; the one chosen now is the first. */
	readonly cells: Int32Array;
	readonly penalties_j: Float64Array;
	/** Expected energy and penalty of the choice now, J. */
	readonly best_j: number;
	/** Expected energy of the choice now, J: what regret is a share of. */
	readonly reference_j: number;
}

/** How far a cell is thought to reach below its mean, in standard deviations, and the least that one may be. */
export interface Reach {
	readonly deviations: number;
	readonly leastDeviation: number;
	/** Contenders of a scenario at most. */
	readonly most: number;
}

/** For the acquisition: what one measurement may turn. */
const nearReach: Reach = { deviations: 2.5, leastDeviation: 0, most: 16 };

/**
 * The scenarios, each with its contenders: cells that beat the choice's expectation where their log power is so many
 * standard deviations below its mean; those that reach lowest where they are too many. One that has but the choice is
 * decided.
 */
export function contests(
	scenarios: readonly Scenario[],
	{ energy_j, variance }: Belief,
	{ deviations, leastDeviation, most }: Reach = nearReach,
): readonly Contest[] {
	const lowest = energy_j.map((energy, i) => {
		const spread = variance[i] as number;
		return energy * Math.exp(-spread / 2 - deviations * Math.sqrt(spread + leastDeviation ** 2));
	});
	return scenarios.map((scenario): Contest => {
		const now = chosen(scenario, energy_j);
		const cell = scenario.cells[now] as number;
		const best_j = (energy_j[cell] as number) + (scenario.penalties_j[now] as number);
		const rivals: { k: number; low: number }[] = [];
		for (let k = 0; k < scenario.cells.length; k++) {
			const low = (lowest[scenario.cells[k] as number] as number) + (scenario.penalties_j[k] as number);
			if (k !== now && low < best_j) rivals.push({ k, low });
		}
		if (rivals.length > most) rivals.sort((a, b) => a.low - b.low).length = most;
		const kept = [now, ...rivals.map(({ k }) => k)];
		return {
			cells: Int32Array.from(kept, (k) => scenario.cells[k] as number),
			penalties_j: Float64Array.from(kept, (k) => scenario.penalties_j[k] as number),
			best_j,
			reference_j: energy_j[cell] as number,
		};
	});
}

export interface DoubtOptions {
	/** Another cell is better where it costs less by more than this share of the choice's energy. */
	readonly margin: number;
	/** The least standard deviation of log power that a cell's own deviation is given. */
	readonly leastDeviation: number;
}

/** What the stop asks of every scenario, and on which cells it falls. */
export interface Doubt {
	/** Of each scenario: the chance that another cell is better than the choice by more than the margin. */
	readonly chances: Float64Array;
	/** Of each cell: its part of the chances' mean, a rival and the choice bearing a chance by their variances. */
	readonly blame: Float64Array;
}

/**
 * For each scenario, the chance that another cell is better than the choice by more than the margin: over the particles,
 * with the heavy tail of each cell's own deviation, the cells taken as independent given a particle.
 */
export function chancesOfAnother(
	posterior: Posterior,
	belief: Belief,
	cells: readonly CalibrationCell[],
	scenarios: readonly Scenario[],
	{ margin, leastDeviation }: DoubtOptions,
	widened: number,
	random: Random,
): Doubt {
	const { level } = posterior;
	const least = leastDeviation ** 2;
	const particles = systematic(posterior.particles, random, Math.min(16, posterior.particles.length));
	const memo = new Map<string, number>();
	const reach = { deviations: 6, leastDeviation, most: 100 };
	const blame = new Float64Array(cells.length);
	const open = belief.variance.map((own, i) => (belief.measured[i] === 1 ? own : Math.max(own, least)));
	const chances = Float64Array.from(contests(scenarios, belief, reach), (contest) => {
		const shares = new Float64Array(contest.cells.length);
		let all = 0;
		const choice = contest.cells[0] as number;
		let none = 1;
		for (let k = 1; k < contest.cells.length; k++) {
			const rival = contest.cells[k] as number;
			const limit_j = contest.best_j - margin * contest.reference_j - (contest.penalties_j[k] as number);
			if (limit_j <= 0) continue;
			const key = `${choice} ${rival} ${contest.penalties_j[k]} ${contest.best_j}`;
			let chance = memo.get(key);
			if (chance === undefined) {
				const limit = Math.log(limit_j / timePerRequest(cells[rival] as CalibrationCell)) - level;
				chance = chanceBelow(particles, belief, choice, rival, limit, least, widened ** 2, level);
				memo.set(key, chance);
			}
			none *= 1 - chance;
			shares[k] = chance;
			all += chance;
		}
		if (all > 0)
			for (let k = 1; k < contest.cells.length; k++) {
				const part = ((1 - none) * (shares[k] as number)) / all / scenarios.length;
				const rival = contest.cells[k] as number;
				const own = open[rival] as number;
				const total = own + (open[choice] as number);
				if (!(total > 0)) continue;
				blame[rival] = (blame[rival] as number) + (part * own) / total;
				blame[choice] = (blame[choice] as number) + part * (1 - own / total);
			}
		return 1 - none;
	});
	return { chances, blame };
}

/** Chance that the rival's log power, less what the choice's own error moves the limit by, is below the limit. */
function chanceBelow(
	particles: readonly Particle[],
	{ measured, mean: means, variance: variances }: Belief,
	choice: number,
	rival: number,
	limit: number,
	leastVariance: number,
	widened: number,
	level: number,
): number {
	let sum = 0;
	for (const { kernel, rows, pivots, mean, variance } of particles) {
		const deviation = Math.max(kernel.deviation(rival), leastVariance);
		const known = measured[choice] === 1;
		const rivalKnown = measured[rival] === 1;
		let shift = 0;
		let spread = rivalKnown ? (variances[rival] as number) : Math.max(variance[rival] as number, 0);
		if (known) spread += variances[choice] as number;
		else {
			shift = (mean[choice] as number) - ((means[choice] as number) - level);
			spread += Math.max(variance[choice] as number, 0) + Math.max(kernel.deviation(choice), leastVariance);
			if (!rivalKnown) {
				let shared = kernel.covariance(choice, rival);
				for (let row = 0; row < pivots.length * mean.length; row += mean.length)
					shared -= (rows[row + choice] as number) * (rows[row + rival] as number);
				spread = Math.max(0, spread - 2 * shared);
			}
		}
		const centre = rivalKnown ? (means[rival] as number) - level : (mean[rival] as number);
		const gap = limit + shift - centre;
		if (rivalKnown) {
			sum += spread > 0 ? normalCdf(gap / Math.sqrt(spread)) : gap > 0 ? 1 : 0;
			continue;
		}
		for (const { scale, probability } of deviationScales)
			sum += probability * normalCdf(gap / Math.sqrt(widened * (spread + deviation * scale)));
	}
	return sum / particles.length;
}
