import type { CalibrationCell } from "./cells.js";

/** What the predictor knows of every cell, as columns. Columns that do not vary are left out. */
export interface Features {
	readonly count: number;
	readonly numeric: readonly string[];
	/** count x numeric, row by row, each column with mean 0 and standard deviation 1. */
	readonly values: Float64Array;
	readonly categorical: readonly string[];
	/** count x categorical, row by row: the level of each. */
	readonly levels: Int32Array;
	/** The combination of all text knobs, the variant left out: how the machine is driven. */
	readonly modes: Int32Array;
	/** How many modes there are. */
	readonly modeCount: number;
}

/**
 * Columns of the cells: logarithms of allocation, batch, latency, throughput and an earlier calibration's power; accuracy;
 * numeric knobs (logarithms where all are above 0); the variant and text knobs as categories. A numeric knob that a cell
 * lacks makes the knob a category.
 *
 * @example
 * features([
 *   { id: "a", variant: "x", allocation: 1, batch: 1, knobs: {}, latency_s: 0.1, throughput_rps: 10 },
 *   { id: "b", variant: "x", allocation: 2, batch: 1, knobs: {}, latency_s: 0.1, throughput_rps: 10 },
 * ]).numeric; // ["allocation"]
 */
export function features(cells: readonly CalibrationCell[]): Features {
	const numeric: { name: string; column: number[] }[] = [];
	const categorical: { name: string; column: string[] }[] = [];
	const addNumeric = (name: string, column: number[]) => {
		const logarithmic = column.every((value) => value > 0) && name !== "accuracy_pct";
		const scaled = standardised(logarithmic ? column.map(Math.log) : column);
		// One stream of batches has its latency's inverse for a throughput: the same column twice says nothing more.
		const twice = numeric.some(({ column: other }) =>
			other.every((value, i) => Math.abs(Math.abs(value) - Math.abs(scaled?.[i] ?? 0)) < 1e-3),
		);
		if (scaled !== undefined && !twice) numeric.push({ name, column: scaled });
	};
	addNumeric(
		"allocation",
		cells.map(({ allocation }) => allocation),
	);
	addNumeric(
		"batch",
		cells.map(({ batch }) => batch),
	);
	addNumeric(
		"latency_s",
		cells.map(({ latency_s }) => latency_s),
	);
	addNumeric(
		"throughput_rps",
		cells.map(({ throughput_rps }) => throughput_rps),
	);
	addWhereKnown("accuracy_pct", ({ accuracy_pct }) => accuracy_pct);
	addWhereKnown("prior_power_w", ({ prior_power_w }) => prior_power_w);
	categorical.push({ name: "variant", column: cells.map(({ variant }) => variant) });
	for (const name of new Set(cells.flatMap(({ knobs }) => Object.keys(knobs)))) {
		const values = cells.map(({ knobs }) => knobs[name]);
		if (values.every((value) => typeof value === "number")) addNumeric(name, values);
		else categorical.push({ name, column: values.map((value) => `${typeof value} ${value}`) });
	}
	const varying = categorical.filter(({ column }) => new Set(column).size > 1);
	const values = new Float64Array(cells.length * numeric.length);
	const levels = new Int32Array(cells.length * varying.length);
	numeric.forEach(({ column }, d) => {
		column.forEach((value, i) => {
			values[i * numeric.length + d] = value;
		});
	});
	varying.forEach(({ column }, d) => {
		const known = [...new Set(column)];
		column.forEach((value, i) => {
			levels[i * varying.length + d] = known.indexOf(value);
		});
	});
	const modes = cells.map((_, i) =>
		varying.map(({ name, column }) => (name === "variant" ? "" : column[i])).join("\n"),
	);
	const knownModes = [...new Set(modes)];
	return {
		count: cells.length,
		modeCount: knownModes.length,
		modes: Int32Array.from(modes, (mode) => knownModes.indexOf(mode)),
		numeric: numeric.map(({ name }) => name),
		values,
		categorical: varying.map(({ name }) => name),
		levels,
	};

	function addWhereKnown(name: string, of: (cell: CalibrationCell) => number | undefined): void {
		const known = cells.flatMap((cell) => of(cell) ?? []);
		// A cell that lacks the value gets the mean of the others: it then says nothing of it.
		const mean = known.reduce((total, value) => total + value, 0) / Math.max(1, known.length);
		if (known.length > 1)
			addNumeric(
				name,
				cells.map((cell) => of(cell) ?? mean),
			);
	}
}

function standardised(column: readonly number[]): number[] | undefined {
	const mean = column.reduce((total, value) => total + value, 0) / column.length;
	const sd = Math.sqrt(column.reduce((total, value) => total + (value - mean) ** 2, 0) / column.length);
	return sd > 1e-9 * Math.max(1, Math.abs(mean)) ? column.map((value) => (value - mean) / sd) : undefined;
}

/** Prior of one hyperparameter: log-normal, on the scale of log power. */
export interface HyperPrior {
	readonly name: string;
	readonly median: number;
	/** Standard deviation of its logarithm. */
	readonly spread: number;
}

/** The hyperparameters of a kernel over some features. */
export interface KernelFamily {
	readonly features: Features;
	readonly priors: readonly HyperPrior[];
}

/** A kernel with its hyperparameters filled in. */
export interface Kernel {
	/** Variance of a cell's own deviation, before its heavy tail. */
	readonly deviation: (cell: number) => number;
	/** Covariance of the log power of two cells, their own deviations left out. */
	readonly covariance: (i: number, j: number) => number;
}

const prior = (name: string, median: number, spread: number): HyperPrior => ({ name, median, spread });

/**
 * The kernel's hyperparameters with their priors: a random effect for each category; a linear term for each numeric
 * column; an effect and slopes of their own for each mode (combination of text knobs), since each draws a static power
 * and one that grows with the load, and an irregularity of its own; one product kernel over everything; each cell's own
 * deviation. Text knobs are given more than variants: two runtimes' powers differ by up to a factor of 2. Standard deviations
 * are of log power, so that 0.1 is about 10 %.
 *
 * @example
 * kernelFamily(features(cells)).priors.map(({ name }) => name);
 */
export function kernelFamily(features: Features): KernelFamily {
	return {
		features,
		priors: [
			...features.categorical.map((name) => prior(`effect of ${name}`, name === "variant" ? 0.08 : 0.2, 1)),
			// An earlier calibration's power is a guess of the same thing; the rest are hints.
			...features.numeric.map((name) => prior(`slope over ${name}`, name === "prior_power_w" ? 0.2 : 0.08, 1)),
			prior("effect of the mode", 0.06, 1),
			prior("slopes of the mode", 0.03, 1),
			prior("product", 0.12, 0.8),
			...features.numeric.map((name) => prior(`length over ${name}`, 3, 0.8)),
			...features.categorical.map((name) => prior(`length over ${name}`, 3, 0.8)),
			prior("deviation", 0.02, 0.8),
			// A mode of irregular power: the product kernel's and the deviations' standard deviation are multiplied by it.
			...Array.from({ length: features.modeCount > 1 ? features.modeCount : 0 }, (_, m) =>
				prior(`irregularity of mode ${m}`, 1, 0.7),
			),
		],
	};
}

/** Variance of the common level: the first power measured tells the others' level to about a factor of 1.6. */
const levelVariance = 0.25;

/** The kernel at a point of its prior's space, `at` being standard normal numbers, one a hyperparameter. */
export function kernelAt({ features, priors }: KernelFamily, at: readonly number[]): Kernel {
	const { values, levels, modes } = features;
	const numeric = features.numeric.length;
	const categorical = features.categorical.length;
	const hyper = new Float64Array(priors.length);
	priors.forEach(({ median, spread }, d) => {
		hyper[d] = median * Math.exp(spread * (at[d] as number));
	});
	let h = 0;
	const next = (count: number) => {
		h += count;
		return hyper.subarray(h - count, h);
	};
	const squares = (count: number) => next(count).map((value) => value ** 2);
	const effects = squares(categorical);
	const slopes = squares(numeric);
	const [modeEffect = 0, modeSlope = 0, product = 0] = squares(3);
	const numericScales = next(numeric).map((length) => 5 / length ** 2);
	const categoryScales = next(categorical).map((length) => 5 / length ** 2);
	const [deviation = 0] = squares(1);
	const irregular = features.modeCount > 1 ? next(features.modeCount) : Float64Array.of(1);
	return {
		deviation: (cell) => deviation * (irregular[modes[cell] as number] as number) ** 2,
		covariance: (i, j) => {
			let sum = levelVariance;
			let squared = 0;
			let dot = 0;
			for (let d = 0, a = i * numeric, b = j * numeric; d < numeric; d++, a++, b++) {
				const own = values[a] as number;
				const other = values[b] as number;
				const both = own * other;
				dot += both;
				sum += (slopes[d] as number) * both;
				squared += (numericScales[d] as number) * (own - other) * (own - other);
			}
			for (let d = 0, a = i * categorical, b = j * categorical; d < categorical; d++, a++, b++) {
				if (levels[a] === levels[b]) sum += effects[d] as number;
				else squared += categoryScales[d] as number;
			}
			const mode = modes[i] as number;
			const otherMode = modes[j] as number;
			if (mode === otherMode) sum += modeEffect + modeSlope * dot;
			// Matern's kernel of smoothness 5/2, over the scaled distance.
			const distance = Math.sqrt(squared);
			const matern = (1 + distance + squared / 3) * Math.exp(-distance);
			return sum + product * (irregular[mode] as number) * (irregular[otherMode] as number) * matern;
		},
	};
}
