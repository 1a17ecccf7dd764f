import { groupBy } from "../group.js";
import { integerBelow, type Random, seeded } from "../random.js";
import { percentile } from "../statistics/quantile.js";
import type { Grid } from "./grid.js";
import { type StudyCell, settingOf } from "./population.js";
import type { Thresholds } from "./settings.js";

/** What the formula is fitted on, and how. */
export interface FormulaRule {
	/** Calibration cells of a machine. */
	readonly cells: number;
	/** Random draws of the calibration cells. */
	readonly draws: number;
	/** Ridge penalty of a column as a share of its sum of squares about its mean. */
	readonly ridge: number;
	readonly seed: number;
}

/**
 * log power of each cell as a weighted mean of the log powers of calibration cells. The weights rest on the settings
 * alone, so that other energies on the same grid (the instruments) need no other fit.
 */
export interface PowerFormula {
	readonly cells: number;
	readonly draws: number;
	/** Cell c, draw d: its calibration cells stand from (c x draws + d) x cells; -1 where there is none. */
	readonly calibration: Int32Array;
	readonly weights: Float64Array;
}

/**
 * log P = a + b log allocation + c log batch + one term per setting of each other knob, by ridge regression on columns
 * centred on their means (the mean is not shrunk), fitted on random cells of the machine that are of another network
 * than the one predicted. It is what IPA could know of power after a short calibration with other models.
 *
 * A machine with one network has nothing to be calibrated on; with fewer other cells than asked for, all are taken.
 */
export function powerFormula(grid: Grid, { cells: wanted, draws, ridge, seed }: FormulaRule): PowerFormula {
	const { cells, unitOf, unitMachine } = grid;
	const calibration = new Int32Array(cells.length * draws * wanted).fill(-1);
	const weights = new Float64Array(cells.length * draws * wanted);
	const random = seeded(seed);
	const features = featuresOf(cells);
	const ofMachine = groupBy(cells.keys(), (i) => unitMachine[unitOf[i] as number] as number);
	for (const [unit, members] of groupBy(cells.keys(), (i) => unitOf[i] as number)) {
		const machine = ofMachine.get(unitMachine[unit] as number) as number[];
		const own = members.map((i) => features[i] as Float64Array);
		for (let draw = 0; draw < draws; draw++) {
			const sample = otherCells(random, machine, members.length, (i) => unitOf[i] === unit, wanted);
			if (sample.length === 0) continue;
			const sampled = sample.map((i) => features[i] as Float64Array);
			const found = ridgeWeights(sampled, own, ridge);
			for (const [m, cell] of members.entries()) {
				const at = (cell * draws + draw) * wanted;
				for (let s = 0; s < sample.length; s++) {
					calibration[at + s] = sample[s] as number;
					weights[at + s] = found[s * members.length + m] as number;
				}
			}
		}
	}
	return { cells: wanted, draws, calibration, weights };
}

/** Formulas by calibration size, the deciding one first; they rest on the grid's settings, not on its energies. */
export function formulasOf(grid: Grid, thresholds: Thresholds, shown: readonly number[], seed: number): PowerFormula[] {
	const { formula_cells, formula_draws, formula_ridge } = thresholds;
	return [formula_cells, ...shown].map((cells) =>
		powerFormula(grid, { cells, draws: formula_draws, ridge: formula_ridge, seed }),
	);
}

/** log power of every cell by one draw's calibration; NaN where there is none. */
export function predictedLogPower(
	{ cells: k, draws, calibration, weights }: PowerFormula,
	log_power: Float64Array,
	draw: number,
): Float64Array {
	const predicted = new Float64Array(log_power.length);
	for (let cell = 0; cell < predicted.length; cell++) {
		const at = (cell * draws + draw) * k;
		let sum = (calibration[at] as number) < 0 ? Number.NaN : 0;
		for (let c = at; c < at + k; c++) {
			const from = calibration[c] as number;
			if (from < 0) break;
			sum += (weights[c] as number) * (log_power[from] as number);
		}
		predicted[cell] = sum;
	}
	return predicted;
}

/** |log P error| of a formula over the knob's cells and draws. */
export interface FormulaError {
	readonly p50: number;
	readonly p90: number;
}

/** |log P error| of each formula over the cells of each knob's pairs; undefined where a formula has no calibration. */
export function formulaErrors(
	grid: Grid,
	formulas: readonly PowerFormula[],
): Map<string, readonly (FormulaError | undefined)[]> {
	const log_power = logPower(grid);
	const errors = formulas.map((formula) =>
		Array.from({ length: formula.draws }, (_, draw) =>
			predictedLogPower(formula, log_power, draw).map((value, i) => Math.abs(value - (log_power[i] as number))),
		),
	);
	return new Map(
		grid.knobs.map(({ name, pairs }) => {
			const cells = [...new Set([...pairs.first, ...pairs.second])];
			return [
				name,
				errors.map((draws) => {
					const own = draws
						.flatMap((draw) => cells.map((i) => draw[i] as number))
						.filter((error) => !Number.isNaN(error));
					return own.length === 0 ? undefined : { p50: percentile(own, 50), p90: percentile(own, 90) };
				}),
			];
		}),
	);
}

function logPower({ cells }: Grid): Float64Array {
	return Float64Array.from(cells, ({ energy_j_per_request, throughput_rps }) =>
		Math.log(energy_j_per_request * throughput_rps),
	);
}

/** Busy energy of each cell by the formula, J, one array a draw. */
export function predictedBusyEnergies(grid: Grid, formula: PowerFormula): Float64Array[] {
	const log_power = logPower(grid);
	return Array.from({ length: formula.draws }, (_, draw) =>
		predictedLogPower(formula, log_power, draw).map(
			(value, i) => Math.exp(value) / (grid.cells[i]?.throughput_rps as number),
		),
	);
}

/** Of each cell: log allocation, log batch, and 1 for each setting that it has of those in the grid. */
function featuresOf(cells: readonly StudyCell[]): Float64Array[] {
	const numbered = new Map<string, number>();
	const settings = cells.map((cell) =>
		Object.keys(cell.knobs).flatMap((name) => {
			const setting = settingOf(cell, name);
			if (setting === undefined) return [];
			const key = `${name} ${setting}`;
			const number = numbered.get(key) ?? numbered.size + 2;
			numbered.set(key, number);
			return [number];
		}),
	);
	return cells.map(({ allocation, batch }, i) => {
		const row = new Float64Array(2 + numbered.size);
		row[0] = Math.log(allocation);
		row[1] = Math.log(batch);
		for (const number of settings[i] as number[]) row[number] = 1;
		return row;
	});
}

/** Weights of the sample's values (rows) in the prediction for each cell (columns), row by row; a column adds up to 1. */
function ridgeWeights(sample: readonly Float64Array[], cells: readonly Float64Array[], ridge: number): Float64Array {
	const n = sample.length;
	const columns: number[] = [];
	const means: number[] = [];
	const scales: number[] = [];
	for (let at = 0; at < (sample[0] as Float64Array).length; at++) {
		let mean = 0;
		let squares = 0;
		for (const row of sample) mean += (row[at] as number) / n;
		for (const row of sample) squares += ((row[at] as number) - mean) ** 2;
		// A column that stands still in the sample tells nothing of power.
		if (squares <= 1e-12) continue;
		columns.push(at);
		means.push(mean);
		scales.push(1 / Math.sqrt(ridge * squares));
	}
	const scaled = (row: Float64Array) => {
		const values = new Float64Array(columns.length);
		for (let q = 0; q < values.length; q++)
			values[q] = ((row[columns[q] as number] as number) - (means[q] as number)) * (scales[q] as number);
		return values;
	};
	const z = sample.map(scaled);
	const gram = new Float64Array(n * n);
	for (let i = 0; i < n; i++)
		for (let j = 0; j <= i; j++) gram[i * n + j] = dot(z[i] as Float64Array, z[j] as Float64Array) + (i === j ? 1 : 0);
	const kernel = new Float64Array(n * cells.length);
	cells.forEach((cell, m) => {
		const own = scaled(cell);
		for (let i = 0; i < n; i++) kernel[i * cells.length + m] = dot(z[i] as Float64Array, own);
	});
	solveInPlace(gram, kernel, n);
	return kernel.map((weight) => weight + 1 / n);
}

/**
 * Solves A X = B by Cholesky's decomposition, A positive definite, its lower triangle given row by row; both are written
 * over. A library's matrices took most of the time of the study's many small systems.
 */
function solveInPlace(a: Float64Array, b: Float64Array, n: number): void {
	const count = b.length / n;
	const at = (i: number, j: number) => a[i * n + j] as number;
	for (let j = 0; j < n; j++) {
		let squares = 0;
		for (let k = 0; k < j; k++) {
			let sum = 0;
			for (let i = 0; i < k; i++) sum += at(k, i) * at(j, i);
			const value = (at(j, k) - sum) / at(k, k);
			a[j * n + k] = value;
			squares += value * value;
		}
		a[j * n + j] = Math.sqrt(at(j, j) - squares);
	}
	const less = (to: number, from: number, factor: number) => {
		for (let j = 0; j < count; j++)
			b[to * count + j] = (b[to * count + j] as number) - (b[from * count + j] as number) * factor;
	};
	const divide = (row: number, by: number) => {
		for (let j = 0; j < count; j++) b[row * count + j] = (b[row * count + j] as number) / by;
	};
	for (let k = 0; k < n; k++) {
		for (let i = 0; i < k; i++) less(k, i, at(k, i));
		divide(k, at(k, k));
	}
	for (let k = n - 1; k >= 0; k--) {
		for (let i = k + 1; i < n; i++) less(k, i, at(i, k));
		divide(k, at(k, k));
	}
}

function dot(a: Float64Array, b: Float64Array): number {
	let sum = 0;
	for (let q = 0; q < a.length; q++) sum += (a[q] as number) * (b[q] as number);
	return sum;
}

/** Up to `wanted` different cells of a machine that are not of the unit, at random. */
function otherCells(
	random: Random,
	machine: readonly number[],
	own: number,
	isOwn: (cell: number) => boolean,
	wanted: number,
): number[] {
	const others = machine.length - own;
	if (others <= 2 * wanted) {
		const left = machine.filter((cell) => !isOwn(cell));
		while (left.length > wanted) left.splice(integerBelow(random, left.length), 1);
		return left;
	}
	const drawn = new Set<number>();
	while (drawn.size < wanted) {
		const cell = machine[integerBelow(random, machine.length)] as number;
		if (!isOwn(cell)) drawn.add(cell);
	}
	return [...drawn];
}
