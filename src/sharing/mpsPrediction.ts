import { ols } from "../statistics/ols.js";

/** A job of a mix under MPS: how it reacts to a limit on its share of the board, and its times by MIG slice. */
export interface MpsSample {
	readonly mix: number;
	/** Iteration time at limits of 100, 50 and 14 %, over the slowest of the three. */
	readonly mps: readonly [number, number, number];
	/** Times on 7g, 4g and 3g, over the slowest of the three. */
	readonly mig: readonly [number, number, number];
}

/** Mean absolute errors of times by slice, shares of the slowest. */
export interface MpsPrediction {
	/** Every job is the mean job. */
	readonly byMean: number;
	/** Linear in the three reactions to MPS. */
	readonly byReaction: number;
}

/**
 * How well the times on MIG slices are foretold from MPS, each mix foretold from the others alone: `folds` parts of mixes,
 * never of samples. MISO's own split shuffles copies of a mix over both sides, so that its error is too good.
 *
 * @throws RangeError where a part determines no regression
 */
export function mpsPrediction(samples: readonly MpsSample[], folds = 5): MpsPrediction {
	let [byMean, byReaction] = [0, 0];
	for (let fold = 0; fold < folds; fold++) {
		const [train, test] = [
			samples.filter(({ mix }) => mix % folds !== fold),
			samples.filter(({ mix }) => mix % folds === fold),
		];
		for (const slice of [0, 1, 2] as const) {
			const y = train.map(({ mig }) => mig[slice]);
			const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
			const fit = ols(
				([0, 1, 2] as const).map((k) => ({ name: String(k), values: train.map(({ mps }) => mps[k]) })),
				y,
			);
			if (fit.status === "undefined") throw new RangeError(`no regression: ${fit.reason}`);
			const [base = 0, ...slopes] = fit.coefficients.map(({ estimate }) => estimate);
			for (const { mps, mig } of test) {
				const foretold = mps.reduce((sum, value, k) => sum + slopes[k]! * value, base);
				byMean += Math.abs(mig[slice] - mean);
				byReaction += Math.abs(mig[slice] - foretold);
			}
		}
	}
	const count = 3 * samples.length;
	return { byMean: byMean / count, byReaction: byReaction / count };
}
