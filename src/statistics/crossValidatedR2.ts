import { faultIn, isConstant } from "./check.js";
import { factorDesign } from "./factorDesign.js";
import type { DesignColumn } from "./ols.js";
import { type Outcome, type Undefined, undefinedBecause } from "./outcome.js";

/** How well a design predicts groups that it was not fitted on. */
export interface CrossValidatedR2 {
	/** 1 - press / baseline; at most 1, negative where the design predicts worse than the training mean. */
	readonly r2: number;
	/** Sum over all observations of (y - prediction by the fit without its group)^2. */
	readonly press: number;
	/** Sum over all observations of (y - mean of y outside of its group)^2. */
	readonly baseline: number;
	readonly n: number;
	/** Groups, each left out once. */
	readonly folds: number;
	/** The prediction of each observation by the fit without its group. */
	readonly predictions: Float64Array;
}

/**
 * Leave-one-group-out cross-validated R2 of least squares: each group in turn is predicted by a fit on all others,
 * and R2 = 1 - sum (y - prediction)^2 / sum (y - mean of the training y)^2. The baseline is the mean of the training
 * y, so that the design without columns scores exactly 0, and no held-out value enters its own prediction.
 * R2 stands only if every fold could be fitted: a dummy column of the group left out, for one, makes its fold
 * singular, and dropping that fold would flatter the design.
 *
 * @param groups the group of each observation: variants or machines, so that a sweep does not predict itself
 * @returns undefined as `length-mismatch`, `too-few`, `non-finite`, `constant` (y), `too-few-clusters` (< 2 groups), or
 * a fold's fault, `too-few` or `rank-deficient`, with every such fold named
 */
export function crossValidatedR2(
	columns: readonly DesignColumn[],
	y: ArrayLike<number>,
	groups: readonly (string | number)[],
	{ intercept = true }: { readonly intercept?: boolean } = {},
): Outcome<CrossValidatedR2> {
	const n = y.length;
	const design = intercept ? [{ name: "(intercept)", values: new Float64Array(n).fill(1) }, ...columns] : [...columns];
	const named = design.map(({ name, values }) => [`column ${name}`, values] as const);
	const fault = faultIn([["y", y], ...named], design.length + 1, { mayBeConstant: true });
	if (fault !== undefined) return fault;
	if (groups.length !== n) return undefinedBecause("length-mismatch", `y has ${n} values, groups ${groups.length}`);
	if (isConstant(y)) return undefinedBecause("constant", `y is ${y[0]} throughout`);
	const distinct = [...new Set(groups)];
	if (distinct.length < 2) return undefinedBecause("too-few-clusters", `${distinct.length} group, at least 2 needed`);

	const predictions = new Float64Array(n);
	const unfitted: { group: string | number; fault: Undefined }[] = [];
	let press = 0;
	let baseline = 0;
	for (const group of distinct) {
		const training = groups.flatMap((other, i) => (other === group ? [] : [i]));
		const fold = fitRows(design, y, training);
		if (fold.status === "undefined") {
			unfitted.push({ group, fault: fold });
			continue;
		}
		const trainingMean = training.reduce((sum, i) => sum + (y[i] as number) / training.length, 0);
		for (let i = 0; i < n; i++) {
			if (groups[i] !== group) continue;
			let prediction = 0;
			design.forEach(({ values }, j) => {
				prediction += (values[i] as number) * (fold.coefficients[j] as number);
			});
			predictions[i] = prediction;
			press += ((y[i] as number) - prediction) ** 2;
			baseline += ((y[i] as number) - trainingMean) ** 2;
		}
	}
	const [first] = unfitted;
	if (first !== undefined) {
		const named = unfitted.map(({ group, fault }) => `${group} (${fault.detail})`).join("; ");
		const detail = `${unfitted.length} of ${distinct.length} folds cannot be fitted, without group ${named}`;
		return undefinedBecause(first.fault.reason, detail, first.fault.dependent);
	}
	return { status: "ok", r2: 1 - press / baseline, press, baseline, n, folds: distinct.length, predictions };
}

function fitRows(
	design: readonly DesignColumn[],
	y: ArrayLike<number>,
	rows: readonly number[],
): Outcome<{ readonly coefficients: Float64Array }> {
	if (rows.length < design.length)
		return undefinedBecause("too-few", `${rows.length} training observations for ${design.length} coefficients`);
	const at = (values: ArrayLike<number>) => Float64Array.from(rows, (i) => values[i] as number);
	const factored = factorDesign(design.map(({ name, values }) => ({ name, values: at(values) })));
	return factored.status === "undefined" ? factored : { status: "ok", coefficients: factored.solve(at(y)) };
}
