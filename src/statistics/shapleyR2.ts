import { Matrix, QrDecomposition } from "ml-matrix";
import { faultIn, isConstant } from "./check.js";
import { factorDesign } from "./factorDesign.js";
import type { DesignColumn } from "./ols.js";
import { type Outcome, undefinedBecause } from "./outcome.js";

/** Columns that enter and leave a model together: a metric, or all dummies of one factor. */
export interface DesignGroup {
	readonly name: string;
	readonly columns: readonly DesignColumn[];
}

/** R2 split over the groups of a design. */
export interface ShapleyR2 {
	/** R2 of the whole design. */
	readonly r2: number;
	/** In the order given; each group's `r2` sums to the whole's, `share` is its part of it. */
	readonly groups: readonly { readonly name: string; readonly r2: number; readonly share: number }[];
}

const MOST_GROUPS = 10;

/**
 * Splits R2 over groups of columns by the Shapley value: a group's mean gain in R2 over all orders of entry (the LMG
 * measure of Lindeman, Merenda and Gold, 1980, in R's relaimpo). Exact, over all 2^groups models with an intercept.
 * The split describes the fit; collinear metrics share what either could explain.
 *
 * @returns undefined as `length-mismatch`, `too-few`, `non-finite`, `constant` (y), `rank-deficient` (of the whole
 * design) or `out-of-range` (no group, or more than 10)
 */
export function shapleyR2(groups: readonly DesignGroup[], y: ArrayLike<number>): Outcome<ShapleyR2> {
	const count = groups.length;
	if (count < 1 || count > MOST_GROUPS)
		return undefinedBecause("out-of-range", `${count} groups, must be 1 to ${MOST_GROUPS}`);
	const n = y.length;
	const columns = groups.flatMap((group) => group.columns);
	const design = [{ name: "(intercept)", values: new Float64Array(n).fill(1) }, ...columns];
	const named = design.map(({ name, values }) => [`column ${name}`, values] as const);
	const fault = faultIn([["y", y], ...named], design.length + 1, { mayBeConstant: true });
	if (fault !== undefined) return fault;
	if (isConstant(y)) return undefinedBecause("constant", `y is ${y[0]} throughout`);
	const whole = factorDesign(design);
	if (whole.status === "undefined") return whole;

	// A rotation changes no sum of squares: the triangle of [design, y] stands for all rows in every smaller model.
	const rotated = triangle([...design.map(({ values }) => values), y]);
	const [interceptColumn, ...rest] = rotated.slice(0, -1);
	const target = rotated.at(-1) as Float64Array;
	const groupOf = groups.flatMap((group, g) => group.columns.map(() => g));
	const tss = residualSumOfSquares([interceptColumn as Float64Array], target);
	const r2Of: number[] = [];
	for (let subset = 0; subset < 2 ** count; subset++) {
		const chosen = rest.filter((_, j) => (subset >> (groupOf[j] as number)) & 1);
		r2Of.push(subset === 0 ? 0 : 1 - residualSumOfSquares([interceptColumn as Float64Array, ...chosen], target) / tss);
	}
	const r2 = r2Of[2 ** count - 1] as number;
	const split = groups.map(({ name }, g) => {
		let value = 0;
		for (let subset = 0; subset < 2 ** count; subset++) {
			if ((subset >> g) & 1) continue;
			const gain = (r2Of[subset | (1 << g)] as number) - (r2Of[subset] as number);
			value += gain * weight(bits(subset), count);
		}
		return { name, r2: value, share: r2 > 0 ? value / r2 : 0 };
	});
	return { status: "ok", r2, groups: split };
}

/** The share of orders in which a given set of `size` others, out of `count` groups in all, comes before a group. */
function weight(size: number, count: number): number {
	let choose = 1;
	for (let k = 1; k <= size; k++) choose = (choose * (count - k)) / k;
	return 1 / (count * choose);
}

function bits(subset: number): number {
	let count = 0;
	for (let rest = subset; rest > 0; rest >>= 1) count += rest & 1;
	return count;
}

/** The columns of R in the QR factorisation of the given columns. */
function triangle(columns: readonly ArrayLike<number>[]): Float64Array[] {
	const rows = columns[0]?.length ?? 0;
	const matrix = new Matrix(rows, columns.length);
	columns.forEach((values, j) => {
		for (let i = 0; i < rows; i++) matrix.set(i, j, values[i] as number);
	});
	const r = new QrDecomposition(matrix).upperTriangularMatrix;
	return columns.map((_, j) => Float64Array.from(r.getColumn(j)));
}

/** Residual sum of squares of `target` on columns that are known to be independent. */
function residualSumOfSquares(columns: readonly Float64Array[], target: Float64Array): number {
	// In the triangle of [columns, target], the last diagonal element is the length of the residual.
	const last = triangle([...columns, target]).at(-1) as Float64Array;
	return (last[columns.length] as number) ** 2;
}
