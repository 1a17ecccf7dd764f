/** Values replaced by the index of their tie group in rising order: 10, 30, 10 -> 0, 1, 0. */
export interface TieGroups {
	readonly codes: Int32Array;
	/** Number of distinct values. */
	readonly groups: number;
}

/** Tie groups of finite values, by exact equality. */
export function tieGroups(values: ArrayLike<number>): TieGroups {
	const order = Array.from({ length: values.length }, (_, i) => i).sort(
		(a, b) => (values[a] as number) - (values[b] as number),
	);
	const codes = new Int32Array(values.length);
	let group = -1;
	let last = Number.NaN;
	for (const i of order) {
		const value = values[i] as number;
		if (value !== last) group++;
		codes[i] = group;
		last = value;
	}
	return { codes, groups: group + 1 };
}

/**
 * Spearman's rank correlation of weighted observations with average ranks for ties, in time linear in the number of
 * observations. Integer weights give exactly the correlation of the sample in which each observation is repeated that
 * often, which is what a bootstrap resample of clusters is.
 *
 * @param x tie groups of the first variable
 * @param y tie groups of the second variable, same length
 * @param weights one non-negative weight an observation
 * @returns the correlation, or undefined where either variable is constant among the observations of positive weight
 */
export function weightedSpearman(x: TieGroups, y: TieGroups, weights: ArrayLike<number>): number | undefined {
	const rankX = groupRanks(x, weights);
	const rankY = groupRanks(y, weights);
	let total = 0;
	for (let i = 0; i < x.codes.length; i++) total += weights[i] as number;
	// The mean of average ranks is fixed by the total weight, ties or not.
	const mean = (total + 1) / 2;
	let xx = 0;
	let yy = 0;
	let xy = 0;
	for (let i = 0; i < x.codes.length; i++) {
		const w = weights[i] as number;
		const dx = (rankX[x.codes[i] as number] as number) - mean;
		const dy = (rankY[y.codes[i] as number] as number) - mean;
		xx += w * dx * dx;
		yy += w * dy * dy;
		xy += w * dx * dy;
	}
	return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : undefined;
}

function groupRanks({ codes, groups }: TieGroups, weights: ArrayLike<number>): Float64Array {
	const ranks = new Float64Array(groups);
	for (let i = 0; i < codes.length; i++) {
		const code = codes[i] as number;
		ranks[code] = (ranks[code] as number) + (weights[i] as number);
	}
	let before = 0;
	for (let g = 0; g < groups; g++) {
		const size = ranks[g] as number;
		ranks[g] = before + (size + 1) / 2;
		before += size;
	}
	return ranks;
}
