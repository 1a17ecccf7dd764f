import { seeded } from "../random.js";
import { beliefOf, chosen } from "./belief.js";
import { type CalibrationCell, timePerRequest } from "./cells.js";
import { contests } from "./contenders.js";
import { chancesOfAnother, type DoubtOptions } from "./doubt.js";
import { features } from "./features.js";
import { intervals } from "./intervals.js";
import { kernelFamily } from "./kernel.js";
import { type Method, nextCell } from "./nextCell.js";
import { observe, priorPosterior } from "./posterior.js";
import { drawScenarios, type Scenario } from "./scenarios.js";

/** What one replay knew after each cell. */
export interface ReplayStep {
	/** Cells measured. */
	readonly k: number;
	readonly cell: number;
	/** Regret of each scenario, as a share of the energy of the true best. */
	readonly regrets: Float64Array;
	/** Root mean square of the log error of power, of the cells left. */
	readonly error: number;
	/** Share of true log powers in their interval: of all cells left, and of those that can still be chosen. */
	readonly coverage: number;
	readonly coverageContending: number;
	/** Median half width, of all cells left. */
	readonly halfWidth: number;
	/** Mean over the scenarios of the chance that another cell is better by more than the margin. */
	readonly doubt: number;
	readonly widened: number;
}

export interface ReplayOptions {
	readonly seed: number;
	readonly method: Method;
	readonly atMost: number;
	readonly widestEvery: number;
	readonly doubt: DoubtOptions;
	readonly particles: number;
	readonly level: number;
}

export function replay(cells: readonly CalibrationCell[], power_w: ArrayLike<number>, options: ReplayOptions): readonly ReplayStep[] {
	const random = seeded(options.seed);
	const truth_j = Float64Array.from(cells, (cell, i) => (power_w[i] as number) * timePerRequest(cell));
	const scenarios = drawScenarios(cells, seeded(1000 + options.seed), pricesOf(cells, truth_j));
	let posterior = priorPosterior(kernelFamily(features(cells)), random, options.particles);
	let belief = beliefOf(posterior, cells);
	const steps: ReplayStep[] = [];
	while (steps.length < options.atMost) {
		const cell = nextCell(options.method, posterior, belief, scenarios, { widestEvery: options.widestEvery, leastDeviation: options.doubt.leastDeviation }, steps.at(-1)?.doubt ?? 1, random);
		posterior = observe(posterior, cell, power_w[cell] as number, 0, random);
		belief = beliefOf(posterior, cells);
		const { half, widened } = intervals(posterior, belief, options.level);
		const left = [...belief.measured.keys()].filter((i) => belief.measured[i] === 0);
		const inside = (i: number) => Math.abs(Math.log(power_w[i] as number) - (belief.mean[i] as number)) <= (half[i] as number);
		const contending = [...new Set(contests(scenarios, belief).flatMap((contest) => (contest.cells.length > 1 ? [...contest.cells] : [])))].filter((i) => belief.measured[i] === 0);
		const chances = chancesOfAnother(posterior, belief, cells, scenarios, options.doubt, widened, random);
		steps.push({
			k: steps.length + 1,
			cell,
			regrets: Float64Array.from(scenarios, (scenario) => regretOf(scenario, belief.energy_j, truth_j)),
			error: Math.sqrt(left.reduce((sum, i) => sum + (Math.log(power_w[i] as number) - (belief.mean[i] as number)) ** 2, 0) / left.length),
			coverage: left.filter(inside).length / left.length,
			coverageContending: contending.filter(inside).length / contending.length,
			halfWidth: left.map((i) => half[i] as number).sort((a, b) => a - b)[left.length >> 1] as number,
			doubt: chances.reduce((sum, chance) => sum + chance, 0) / chances.length,
			widened,
		});
	}
	return steps;
}

export function regretOf(scenario: Scenario, energy_j: ArrayLike<number>, truth_j: ArrayLike<number>): number {
	const taken = chosen(scenario, energy_j);
	const best = chosen(scenario, truth_j);
	const cost = (k: number) => (truth_j[scenario.cells[k] as number] as number) + (scenario.penalties_j[k] as number);
	return (cost(taken) - cost(best)) / (truth_j[scenario.cells[best] as number] as number);
}

function pricesOf(cells: readonly CalibrationCell[], truth_j: Float64Array) {
	const middle = median(truth_j);
	return {
		price_j_per_core_s: middle / median(cells.map((cell) => cell.allocation * timePerRequest(cell))),
		weight_j_per_pct: middle / 10,
	};
}

function median(values: ArrayLike<number>): number {
	const sorted = Float64Array.from(values).sort();
	return sorted[sorted.length >> 1] as number;
}

/** The least k from which on the share of scenarios within 1 % is at least `share`; undefined where none is. */
export function cellsNeeded(steps: readonly ReplayStep[], share: number): number | undefined {
	let needed: number | undefined;
	for (let k = steps.length - 1; k >= 0; k--) {
		const { regrets } = steps[k] as ReplayStep;
		const within = regrets.reduce((sum, regret) => sum + (regret <= 0.01 ? 1 : 0), 0);
		if (within < share * regrets.length - 1e-9) break;
		needed = k + 1;
	}
	return needed;
}
