import type { Belief } from "./belief.js";
import type { Particle } from "./particle.js";

/**
 * Covariances of log power over the mixture of some particles of equal weight: row t is that of `targets[t]` with every
 * cell. A cell's own deviation counts on the diagonal; a measured target has none.
 */
export function covariances(
	particles: readonly Particle[],
	targets: readonly number[],
	belief: Belief,
): readonly Float64Array[] {
	const count = belief.mean.length;
	const rows = targets.map(() => new Float64Array(count));
	const share = 1 / particles.length;
	const average = new Float64Array(count);
	for (const { mean } of particles)
		for (let c = 0; c < count; c++) average[c] = (average[c] as number) + share * (mean[c] as number);
	const work = new Float64Array(count);
	for (const { kernel, rows: factors, pivots, mean } of particles) {
		targets.forEach((target, t) => {
			if (belief.measured[target] === 1) return;
			const row = rows[t] as Float64Array;
			for (let c = 0; c < count; c++) work[c] = kernel.covariance(target, c);
			for (let row = 0; row < pivots.length * count; row += count) {
				const own = factors[row + target] as number;
				for (let c = 0; c < count; c++) work[c] = (work[c] as number) - own * (factors[row + c] as number);
			}
			const off = (mean[target] as number) - (average[target] as number);
			for (let c = 0; c < count; c++)
				row[c] =
					(row[c] as number) + share * ((work[c] as number) + off * ((mean[c] as number) - (average[c] as number)));
			row[target] = (row[target] as number) + share * kernel.deviation;
		});
	}
	return rows;
}
