/**
 * Spearman's rho of resampled observations, for bootstraps: the inputs are sorted once, and each resample is ranked by
 * counting, in O(resample + n) without a sort. Gives what spearmanValue gives for the observations at `indices`.
 * Inputs are finite and equally long; the returned function keeps buffers and is not re-entrant.
 *
 * @example
 * clusterBootstrap({ clusters, statistic: resampledSpearman(x, y), resamples: 2000, seed: 1 });
 */
export function resampledSpearman(
	x: ArrayLike<number>,
	y: ArrayLike<number>,
): (indices: ArrayLike<number>) => number | undefined {
	const codeX = denseCodes(x);
	const codeY = denseCodes(y);
	const rankX = new Float64Array(x.length);
	const rankY = new Float64Array(y.length);
	return (indices) => {
		const m = indices.length;
		const sumOfSquaresX = centredRanks(codeX, indices, rankX);
		const sumOfSquaresY = centredRanks(codeY, indices, rankY);
		if (sumOfSquaresX === 0 || sumOfSquaresY === 0) return undefined;
		let product = 0;
		for (let k = 0; k < m; k++) {
			const i = indices[k] as number;
			product += (rankX[codeX[i] as number] as number) * (rankY[codeY[i] as number] as number);
		}
		return Math.max(-1, Math.min(1, product / (Math.sqrt(sumOfSquaresX) * Math.sqrt(sumOfSquaresY))));
	};
}

/** 0 for the smallest distinct value, 1 for the next, and so on. */
function denseCodes(values: ArrayLike<number>): Int32Array {
	const distinct = [...new Set(Float64Array.from(values).sort())];
	const codeOf = new Map(distinct.map((value, code) => [value, code]));
	return Int32Array.from({ length: values.length }, (_, i) => codeOf.get(values[i] as number) as number);
}

/** Fills `rank` with the mid-rank, less the mean rank, of each code within the resample; returns the sum of squares. */
function centredRanks(codes: Int32Array, indices: ArrayLike<number>, rank: Float64Array): number {
	const m = indices.length;
	rank.fill(0);
	for (let k = 0; k < m; k++) {
		const code = codes[indices[k] as number] as number;
		rank[code] = (rank[code] as number) + 1;
	}
	let below = 0;
	let sumOfSquares = 0;
	for (let code = 0; code < rank.length; code++) {
		const count = rank[code] as number;
		if (count === 0) continue;
		const centred = below + (count - m) / 2;
		rank[code] = centred;
		sumOfSquares += count * centred * centred;
		below += count;
	}
	return sumOfSquares;
}
