import type { Features } from "./features.js";

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
	readonly deviation: number;
	/** Covariance of the log power of two cells, their own deviations left out. */
	readonly covariance: (i: number, j: number) => number;
}

const prior = (name: string, median: number, spread: number): HyperPrior => ({ name, median, spread });

/**
 * The kernel's hyperparameters with their priors: a random effect for each category; a linear term for each numeric
 * column; an effect and slopes of their own for each mode (combination of text knobs), since each draws a static power
 * and one that grows with the load; one product kernel over everything; each cell's own deviation. Standard deviations
 * are of log power, so that 0.1 is about 10 %.
 *
 * @example
 * kernelFamily(features(cells)).priors.map(({ name }) => name);
 */
export function kernelFamily(features: Features): KernelFamily {
	return {
		features,
		priors: [
			...features.categorical.map((name) => prior(`effect of ${name}`, 0.08, 1)),
			// An earlier calibration's power is a guess of the same thing; the rest are hints.
			...features.numeric.map((name) => prior(`slope over ${name}`, name === "prior_power_w" ? 0.2 : 0.08, 1)),
			prior("effect of the mode", 0.06, 1),
			prior("slopes of the mode", 0.06, 1),
			prior("product", 0.12, 0.8),
			...features.numeric.map((name) => prior(`length over ${name}`, 2, 0.8)),
			...features.categorical.map((name) => prior(`length over ${name}`, 2, 0.8)),
			prior("deviation", 0.02, 0.8),
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
	const hyper = priors.map(({ median, spread }, h) => median * Math.exp(spread * (at[h] as number)));
	let h = 0;
	const square = () => (hyper[h++] as number) ** 2;
	const squares = (count: number) => Array.from({ length: count }, square);
	const effects = squares(categorical);
	const slopes = squares(numeric);
	const modeEffect = square();
	const modeSlope = square();
	const product = square();
	const numericScales = squares(numeric).map((length) => 1 / length);
	const categoryScales = squares(categorical).map((length) => 1 / length);
	const deviation = square();
	return {
		deviation,
		covariance: (i, j) => {
			let sum = levelVariance;
			let squared = 0;
			let dot = 0;
			for (let d = 0; d < numeric; d++) {
				const a = values[i * numeric + d] as number;
				const b = values[j * numeric + d] as number;
				dot += a * b;
				sum += (slopes[d] as number) * a * b;
				squared += (numericScales[d] as number) * (a - b) * (a - b);
			}
			if (modes[i] === modes[j]) sum += modeEffect + modeSlope * dot;
			for (let d = 0; d < categorical; d++) {
				if (levels[i * categorical + d] === levels[j * categorical + d]) sum += effects[d] as number;
				else squared += categoryScales[d] as number;
			}
			// Matern's kernel of smoothness 5/2, over the scaled distance.
			const distance = Math.sqrt(5 * squared);
			return sum + product * (1 + distance + (distance * distance) / 3) * Math.exp(-distance);
		},
	};
}
