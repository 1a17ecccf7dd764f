import type { Random } from "../random.js";
import type { Belief } from "./belief.js";
import { type CalibrationCell, timePerRequest } from "./cells.js";
import { contests } from "./contenders.js";
import { deviationScales } from "./deviation.js";
import { normalCdf } from "./normalCdf.js";
import type { Particle } from "./particle.js";
import { type Posterior, systematic } from "./posterior.js";
import type { Scenario } from "./scenarios.js";

export interface DoubtOptions {
	/** Another cell is better where it costs less by more than this share of the choice's energy. */
	readonly margin: number;
	/** The least standard deviation of log power that a cell's own deviation is given. */
	readonly leastDeviation: number;
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
): Float64Array {
	const particles = systematic(posterior.particles, random, Math.min(16, posterior.particles.length));
	const memo = new Map<string, number>();
	const reach = { deviations: 6, leastDeviation, most: 100 };
	return Float64Array.from(contests(scenarios, belief, reach), (contest) => {
		const choice = contest.cells[0] as number;
		let none = 1;
		for (let k = 1; k < contest.cells.length; k++) {
			const rival = contest.cells[k] as number;
			const limit_j = contest.best_j - margin * contest.reference_j - (contest.penalties_j[k] as number);
			if (limit_j <= 0) continue;
			const key = `${choice} ${rival} ${contest.penalties_j[k]} ${contest.best_j}`;
			let chance = memo.get(key);
			if (chance === undefined) {
				const limit = Math.log(limit_j / timePerRequest(cells[rival] as CalibrationCell)) - posterior.level;
				chance = chanceBelow(
					particles,
					belief,
					choice,
					rival,
					limit,
					leastDeviation ** 2,
					widened ** 2,
					posterior.level,
				);
				memo.set(key, chance);
			}
			none *= 1 - chance;
		}
		return 1 - none;
	});
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
		const deviation = Math.max(kernel.deviation, leastVariance);
		const known = measured[choice] === 1;
		const rivalKnown = measured[rival] === 1;
		let shift = 0;
		let spread = rivalKnown ? (variances[rival] as number) : Math.max(variance[rival] as number, 0);
		if (known) spread += variances[choice] as number;
		else {
			shift = (mean[choice] as number) - ((means[choice] as number) - level);
			spread += Math.max(variance[choice] as number, 0) + deviation;
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
