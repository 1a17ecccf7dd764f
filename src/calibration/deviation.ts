/** Degrees of freedom of a cell's own deviation, as Student's t: few, so that one odd cell is no surprise. */
export const deviationDegrees = 2.5;

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
