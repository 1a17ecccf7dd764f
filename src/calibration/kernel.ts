import type { Features } from "./features.js";

/** Prior of one hyperparameter: log-normal, on the scale of log power. */
interface HyperPrior {
	readonly name: string;
	readonly median: number;
	/** Standard deviation of its logarithm. */
	readonly spread: number;
}

/** The hyperparameters of a kernel over some features, as standard normal numbers. */
export interface KernelFamily {
	readonly features: Features;
	readonly priors: readonly HyperPrior[];
}

/** A kernel with its hyperparameters filled in. */
export interface Kernel {
	/** Variance of the deviation of a cell of its own, before its heavy tail. */
	readonly deviation: number;
	/** Covariance of log power of two cells, the deviation left out. */
	readonly covariance: (i: number, j: number) => number;
}

const prior = (name: string, median: number, spread: number): HyperPrior => ({ name, median, spread });

/**
 * The kernel's hyperparameters with their priors: a random effect for each category, a linear term for each numeric
 * column, one product kernel over everything, and each cell's own deviation. Standard deviations are of log power, so
 * that 0.1 is about 10 %.
 */
export function kernelFamily(features: Features): KernelFamily {
	return {
		features,
		priors: [
			...features.categorical.map((name) => prior(`effect of ${name}`, 0.08, 1)),
			...features.numeric.map((name) => prior(`slope over ${name}`, 0.08, 1)),
			prior("product", 0.12, 0.8),
			...features.numeric.map((name) => prior(`length over ${name}`, 2, 0.8)),
			...features.categorical.map((name) => prior(`length over ${name}`, 2, 0.8)),
			prior("deviation", 0.01, 1),
		],
	};
}

/** Variance of the common level: the first power measured says little about the others' to better than a factor. */
const levelVariance = 0.25;

/** The kernel at a point of its prior's space, `at` being standard normal numbers. */
export function kernelAt({ features, priors }: KernelFamily, at: ArrayLike<number>): Kernel {
	const { values, levels } = features;
	const numeric = features.numeric.length;
	const categorical = features.categorical.length;
	const hyper = priors.map(({ median, spread }, h) => median * Math.exp(spread * (at[h] as number)));
	let h = 0;
	const take = (count: number, of: (value: number) => number) => Float64Array.from({ length: count }, () => of(hyper[h++] as number));
	const effects = take(categorical, (value) => value ** 2);
	const slopes = take(numeric, (value) => value ** 2);
	const product = (hyper[h++] as number) ** 2;
	const numericScales = take(numeric, (value) => value ** -2);
	const categoryScales = take(categorical, (value) => value ** -2);
	const deviation = (hyper[h++] as number) ** 2;
	return {
		deviation,
		covariance: (i, j) => {
			let sum = levelVariance;
			let squared = 0;
			for (let d = 0; d < numeric; d++) {
				const a = values[i * numeric + d] as number;
				const b = values[j * numeric + d] as number;
				sum += (slopes[d] as number) * a * b;
				squared += (numericScales[d] as number) * (a - b) * (a - b);
			}
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
