import tCdf from "@stdlib/stats-base-dists-t-cdf";

/** Degrees of freedom of a cell's own deviation, as Student's t: few, so that one odd cell is no surprise. */
export const deviationDegrees = 3;

/**
 * Student's t as a mixture of normals: multiples of the deviation's variance, doubling from 0.3, with the probability of
 * each by the inverse gamma distribution that makes the mixture a t.
 */
export const deviationScales: readonly { readonly scale: number; readonly probability: number }[] = (() => {
	const half = deviationDegrees / 2;
	const scales = Array.from({ length: 11 }, (_, k) => 0.3 * 2 ** k);
	const densities = scales.map((scale) => scale ** -half * Math.exp(-half / scale));
	const total = densities.reduce((sum, density) => sum + density, 0);
	return scales.map((scale, k) => ({ scale, probability: (densities[k] as number) / total }));
})();

/** Mean of (x - T)+ for Student's T of `deviationDegrees`: what a deviation is worth that must go below x, from 0 down. */
export function tailGain(x: number): number {
	const position = Math.min(-x, farthest) * steps;
	const below = Math.min(Math.floor(position), tailGains.length - 2);
	const part = position - below;
	return (tailGains[below] as number) * (1 - part) + (tailGains[below + 1] as number) * part;
}

const farthest = 40;
const steps = 20;
const tailGains = Float64Array.from({ length: farthest * steps + 1 }, (_, i) => {
	const x = -i / steps;
	const nu = deviationDegrees;
	return x * tCdf(x, nu) + ((nu + x * x) / (nu - 1)) * density(x);
});

/** Student's density: its shape, scaled by a difference of the distribution function at 0. */
function density(x: number): number {
	const shape = (at: number) => (1 + (at * at) / deviationDegrees) ** (-(deviationDegrees + 1) / 2);
	const atZero = (tCdf(1e-4, deviationDegrees) - tCdf(-1e-4, deviationDegrees)) / 2e-4;
	return atZero * shape(x);
}
