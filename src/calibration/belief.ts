import { integerBelow, type Random } from "../random.js";
import { sortedQuantile } from "../statistics/quantile.js";
import { type CalibrationCell, timePerRequest } from "./cells.js";
import type { Posterior } from "./posterior.js";

/** One decision that a calibration is for: among the cells that may be chosen, the one of least energy and penalty. */
export interface Scenario {
	/** Positions of the cells that keep the bounds. */
	readonly cells: Int32Array;
	/** Penalty of each of `cells`, J a request: a price on core-seconds, or on accuracy that is lost. */
	readonly penalties_j: Float64Array;
}

/** What scenarios are drawn from. */
export interface ScenarioOptions {
	/** How many; 80 by default. */
	readonly count?: number;
	/** Price of a core-second, J; scenarios with a price are drawn where it is given. */
	readonly price_j_per_core_s?: number;
	/** Weight of a percentage point of accuracy, J; scenarios with it are drawn where it is given. */
	readonly weight_j_per_pct?: number;
	/** Shares of the price or weight, one of which a scenario takes; all of it by default. */
	readonly shares?: readonly number[];
}

const quantiles = 8;

/**
 * Draws decisions: least energy, or energy plus a price on core-seconds or a weight on accuracy, under a bound on latency
 * (8 quantiles) and, where accuracies are known, on accuracy (8 quantiles), else each variant given, at each allocation.
 * Those that leave no choice are left out. The same seed draws the same.
 */
export function drawScenarios(
	cells: readonly CalibrationCell[],
	random: Random,
	options: ScenarioOptions = {},
): readonly Scenario[] {
	const { count = 80, price_j_per_core_s, weight_j_per_pct, shares = [1] } = options;
	const latencies = levels(
		cells.map(({ latency_s }) => latency_s),
		1,
	);
	const known = cells.every(({ accuracy_pct }) => accuracy_pct !== undefined);
	const accuracies = known
		? levels(
				cells.map(({ accuracy_pct }) => accuracy_pct as number),
				0,
			)
		: [];
	const variants = [...new Set(cells.map(({ variant }) => variant))];
	const allocations = [...new Set(cells.map(({ allocation }) => allocation))];
	const kinds = [
		"energy",
		...(price_j_per_core_s === undefined ? [] : ["price"]),
		...(weight_j_per_pct === undefined || !known ? [] : ["accuracy"]),
	];
	const drawn: Scenario[] = [];
	for (let tries = 0; drawn.length < count && tries < 100 * count; tries++) {
		const kind = kinds[integerBelow(random, kinds.length)];
		const latest = latencies[integerBelow(random, latencies.length)] as number;
		const allocation = allocations[integerBelow(random, allocations.length)];
		const least = known ? (accuracies[integerBelow(random, accuracies.length)] as number) : undefined;
		const variant = known ? undefined : variants[integerBelow(random, variants.length)];
		const size = shares[integerBelow(random, shares.length)] as number;
		const feasible = cells.flatMap((cell, i) =>
			cell.latency_s <= latest &&
			cell.allocation <= (allocation as number) &&
			(least === undefined || (cell.accuracy_pct as number) >= least) &&
			(variant === undefined || cell.variant === variant)
				? [i]
				: [],
		);
		if (feasible.length < 2) continue;
		drawn.push({
			cells: Int32Array.from(feasible),
			penalties_j: Float64Array.from(feasible, (i) => {
				const cell = cells[i] as CalibrationCell;
				if (kind === "price") return size * (price_j_per_core_s as number) * cell.allocation * timePerRequest(cell);
				if (kind === "accuracy") return size * (weight_j_per_pct as number) * (100 - (cell.accuracy_pct as number));
				return 0;
			}),
		});
	}
	return drawn;
}

/** The column's quantiles at 8 levels: from the least on for a lower bound (`first` 0), up to the largest for an upper one (1). */
function levels(column: readonly number[], first: 0 | 1): readonly number[] {
	const sorted = Float64Array.from(column).sort();
	return Array.from({ length: quantiles }, (_, q) => sortedQuantile(sorted, (q + first) / quantiles));
}

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
				(variance[i] as number) + weight * (Math.max(spread[i] as number, 0) + kernel.deviation(i) + off * off);
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
