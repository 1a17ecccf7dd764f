import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { groupBy } from "../group.js";
import { integerBelow, type Random, seeded } from "../random.js";
import type { Grid } from "./grid.js";
import { settingOf } from "./pairs.js";
import type { StudyCell } from "./population.js";

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
	const ofUnit = groupBy(cells.keys(), (i) => unitOf[i] as number);
	for (const [unit, members] of ofUnit) {
		const machine = ofMachine.get(unitMachine[unit] as number) as number[];
		for (let draw = 0; draw < draws; draw++) {
			const sample = otherCells(random, machine, members.length, (i) => unitOf[i] === unit, wanted);
			if (sample.length === 0) continue;
			const predict = ridgeWeights(
				sample.map((i) => features[i] as Features),
				ridge,
			);
			for (const cell of members) {
				const at = (cell * draws + draw) * wanted;
				calibration.set(sample, at);
				weights.set(predict(features[cell] as Features), at);
			}
		}
	}
	return { cells: wanted, draws, calibration, weights };
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

/** Numbers that enter as they are, and settings (by number) that enter as 0 or 1. */
interface Features {
	readonly numbers: readonly number[];
	readonly settings: readonly number[];
}

function featuresOf(cells: readonly StudyCell[]): Features[] {
	const numbered = new Map<string, number>();
	return cells.map((cell) => {
		const settings = Object.keys(cell.knobs).flatMap((name) => {
			const setting = settingOf(cell, name);
			if (setting === undefined) return [];
			const key = `${name} ${setting}`;
			const number = numbered.get(key) ?? numbered.size;
			numbered.set(key, number);
			return [number];
		});
		return { numbers: [Math.log(cell.allocation), Math.log(cell.batch)], settings };
	});
}

/** Weights of the sample's values in the prediction for one cell; they add up to 1. */
function ridgeWeights(sample: readonly Features[], ridge: number): (cell: Features) => Float64Array {
	const n = sample.length;
	const seen = [...new Set(sample.flatMap(({ settings }) => settings))];
	const raw = ({ numbers, settings }: Features) => [...numbers, ...seen.map((one) => (settings.includes(one) ? 1 : 0))];
	const rows = sample.map(raw);
	const means = (rows[0] ?? []).map((_, q) => rows.reduce((sum, row) => sum + (row[q] as number), 0) / n);
	const scales = means.map((mean, q) => {
		const squares = rows.reduce((sum, row) => sum + ((row[q] as number) - mean) ** 2, 0);
		// A column that stands still in the sample tells nothing of power.
		return squares > 1e-12 ? 1 / Math.sqrt(ridge * squares) : 0;
	});
	const scaled = (row: readonly number[]) =>
		row.map((value, q) => (value - (means[q] as number)) * (scales[q] as number));
	const z = rows.map(scaled);
	const gram = new Matrix(z.map((a, i) => z.map((b, j) => dot(a, b) + (i === j ? 1 : 0))));
	const inverse = new CholeskyDecomposition(gram).solve(Matrix.eye(n, n)).to2DArray();
	return (cell) => {
		const own = scaled(raw(cell));
		const kernel = z.map((row) => dot(row, own));
		return Float64Array.from(inverse, (row) => 1 / n + dot(row, kernel));
	};
}

function dot(a: readonly number[], b: readonly number[]): number {
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
