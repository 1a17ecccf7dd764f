import { Matrix, QrDecomposition, SingularValueDecomposition } from "ml-matrix";
import { faultIn, isConstant, type Outcome, undefinedBecause } from "./checks.js";
import { tCdf, tQuantile } from "./distributions.js";
import { faultInLevel } from "./intervals.js";

/** A column whose part outside of the columns before it is below this share of its length follows from them. */
const SMALLEST_INDEPENDENT_PART = 1e-10;

/** A design of full rank, factored by Householder QR. */
export interface FactoredDesign {
	/** Least-squares coefficients of the design for `y`, one for each column. */
	readonly solve: (y: ArrayLike<number>) => Float64Array;
	/** The diagonal of (X'X)^-1: a coefficient's variance over the residual variance. */
	readonly unscaledVariances: Float64Array;
	/** Largest over smallest singular value of the design with columns of unit length. */
	readonly conditionNumber: number;
}

/** Factors a design of finite columns of equal length, after scaling each to unit length. */
function factorDesign(design: readonly DesignColumn[]): Outcome<FactoredDesign> {
	const lengths = design.map(({ values }) => length(values));
	const dependent: string[] = [];
	let kept = design.map((_, j) => j);
	let qr = factor(design, kept, lengths);
	// A dependent column leaves noise that would spoil the pivots after it: drop it and factor again.
	for (let first = firstDependent(qr, kept, lengths); first >= 0; first = firstDependent(qr, kept, lengths)) {
		dependent.push(design[kept[first] as number]?.name ?? "");
		kept = kept.filter((_, position) => position !== first);
		qr = factor(design, kept, lengths);
	}
	if (dependent.length > 0)
		return undefinedBecause(
			"rank-deficient",
			`linearly dependent on the columns before: ${dependent.join(", ")}`,
			dependent,
		);
	const inverse = inverseOfUpperTriangular(qr.upperTriangularMatrix);
	const unscaledVariances = Float64Array.from(lengths, (columnLength, j) => {
		let sum = 0;
		for (let k = j; k < design.length; k++) sum += inverse.get(j, k) ** 2;
		return sum / columnLength / columnLength;
	});
	const singular = new SingularValueDecomposition(qr.upperTriangularMatrix, {
		computeLeftSingularVectors: false,
		computeRightSingularVectors: false,
	}).diagonal;
	return {
		status: "ok",
		solve: (y) => {
			const solution = qr.solve(Matrix.columnVector(Array.from(y)));
			return Float64Array.from(lengths, (columnLength, j) => solution.get(j, 0) / columnLength);
		},
		unscaledVariances,
		conditionNumber: Math.max(...singular) / Math.min(...singular),
	};
}

/** The position of the first dependent column, or -1. */
function firstDependent(qr: QrDecomposition, kept: readonly number[], lengths: readonly number[]): number {
	const r = qr.upperTriangularMatrix;
	return kept.findIndex(
		(j, position) => lengths[j] === 0 || Math.abs(r.get(position, position)) < SMALLEST_INDEPENDENT_PART,
	);
}

function factor(design: readonly DesignColumn[], kept: readonly number[], lengths: readonly number[]): QrDecomposition {
	const rows = design[0]?.values.length ?? 0;
	const matrix = new Matrix(rows, kept.length);
	kept.forEach((j, position) => {
		const values = design[j]?.values ?? [];
		// A column of zeros stays one: it is found by its length.
		for (let i = 0; i < rows; i++) matrix.set(i, position, (values[i] as number) / (lengths[j] || 1));
	});
	return new QrDecomposition(matrix);
}

function inverseOfUpperTriangular(r: Matrix): Matrix {
	const n = r.columns;
	const inverse = Matrix.zeros(n, n);
	for (let column = 0; column < n; column++) {
		for (let row = column; row >= 0; row--) {
			let value = row === column ? 1 : 0;
			for (let k = row + 1; k <= column; k++) value -= r.get(row, k) * inverse.get(k, column);
			inverse.set(row, column, value / r.get(row, row));
		}
	}
	return inverse;
}

/** Euclidean length, without overflow. */
function length(values: ArrayLike<number>): number {
	let largest = 0;
	for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i] as number));
	if (largest === 0) return 0;
	let sum = 0;
	for (let i = 0; i < values.length; i++) sum += ((values[i] as number) / largest) ** 2;
	return largest * Math.sqrt(sum);
}

/** A named column of a design. */
export interface DesignColumn {
	readonly name: string;
	readonly values: ArrayLike<number>;
}

/** One estimated coefficient. */
export interface Coefficient {
	readonly name: string;
	readonly estimate: number;
	readonly standard_error: number;
	/** estimate / standard_error; infinite where the fit is exact. */
	readonly t: number;
	/** Two-sided, by Student's t on df_residual. */
	readonly p: number;
	/** Confidence interval at the fit's level. */
	readonly low: number;
	readonly high: number;
	/**
	 * Variance inflation factor, 1 / (1 - R2 of this column on the others); absent for the intercept. In a fit without
	 * an intercept that R2 is uncentred.
	 */
	readonly vif?: number;
}

/** A least-squares fit. */
export interface OlsFit {
	/** The intercept, named "(intercept)", first if there is one; then the columns in their order. */
	readonly coefficients: readonly Coefficient[];
	readonly intercept: boolean;
	readonly n: number;
	/** n less the number of coefficients. */
	readonly df_residual: number;
	/** Residual sum of squares. */
	readonly rss: number;
	/** Total sum of squares: about the mean with an intercept, about 0 without. */
	readonly tss: number;
	readonly r2: number;
	readonly adjusted_r2: number;
	/** sqrt(rss / df_residual). */
	readonly residual_sd: number;
	readonly fitted: Float64Array;
	readonly residuals: Float64Array;
	/** Largest over smallest singular value of the design, intercept included, with columns of unit length (Belsley). */
	readonly condition_number: number;
	/** Level of the coefficients' intervals. */
	readonly level: number;
	/** The design that was fitted, for nestedF. */
	readonly columns: readonly string[];
}

/** Options of ols. */
export interface OlsOptions {
	/** Whether to estimate an intercept; true by default. */
	readonly intercept?: boolean;
	/** Level of the coefficients' intervals; 0.95 by default. */
	readonly level?: number;
}

/**
 * Multiple linear regression by least squares: Householder QR of the design itself (columns scaled to unit length),
 * never the normal equations, which square the condition number.
 *
 * @param columns the design without its intercept, each as long as `y`
 * @returns undefined as `length-mismatch`, `too-few` (no residual degree of freedom), `non-finite`, `constant` (y),
 * `out-of-range` (level), or `rank-deficient` with the columns that follow from the intercept and those before them
 * @example
 * ols([{ name: "cores", values: [1, 2, 4, 8] }], [3, 5, 9, 17.5]);
 */
export function ols(
	columns: readonly DesignColumn[],
	y: ArrayLike<number>,
	{ intercept = true, level = 0.95 }: OlsOptions = {},
): Outcome<OlsFit> {
	const levelFault = faultInLevel(level);
	if (levelFault !== undefined) return levelFault;
	const n = y.length;
	const design = intercept ? [{ name: "(intercept)", values: new Float64Array(n).fill(1) }, ...columns] : [...columns];
	const named = design.map(({ name, values }) => [`column ${name}`, values] as const);
	const fault = faultIn([["y", y], ...named], design.length + 1, { mayBeConstant: true });
	if (fault !== undefined) return fault;
	if (isConstant(y)) return undefinedBecause("constant", `y is ${y[0]} throughout`);
	const factored = factorDesign(design);
	if (factored.status === "undefined") return factored;

	const estimates = factored.solve(y);
	const fitted = new Float64Array(n);
	design.forEach(({ values }, j) => {
		for (let i = 0; i < n; i++) fitted[i] = (fitted[i] as number) + (values[i] as number) * (estimates[j] as number);
	});
	const residuals = Float64Array.from(y, (value, i) => value - (fitted[i] as number));
	const rss = sumOfSquares(residuals);
	const tss = intercept ? centredSumOfSquares(y) : sumOfSquares(y);
	const degrees = n - design.length;
	const variance = rss / degrees;
	const halfWidth = tQuantile((1 + level) / 2, degrees);
	const coefficients = design.map(({ name, values }, j): Coefficient => {
		const estimate = estimates[j] as number;
		const unscaled = factored.unscaledVariances[j] as number;
		const standard_error = Math.sqrt(variance * unscaled);
		// An exact fit has no error: any coefficient but 0 is then infinitely far from 0.
		const t = standard_error > 0 ? estimate / standard_error : estimate === 0 ? 0 : Math.sign(estimate) * Infinity;
		const base = {
			name,
			estimate,
			standard_error,
			t,
			p: Number.isFinite(t) ? 2 * tCdf(-Math.abs(t), degrees) : 0,
			low: estimate - halfWidth * standard_error,
			high: estimate + halfWidth * standard_error,
		};
		if (intercept && j === 0) return base;
		const columnSumOfSquares = intercept ? centredSumOfSquares(values) : sumOfSquares(values);
		return { ...base, vif: Math.max(1, unscaled * columnSumOfSquares) };
	});
	const r2 = 1 - rss / tss;
	return {
		status: "ok",
		coefficients,
		intercept,
		n,
		df_residual: degrees,
		rss,
		tss,
		r2,
		adjusted_r2: 1 - ((1 - r2) * (n - (intercept ? 1 : 0))) / degrees,
		residual_sd: Math.sqrt(variance),
		fitted,
		residuals,
		condition_number: factored.conditionNumber,
		level,
		columns: columns.map(({ name }) => name),
	};
}

function sumOfSquares(values: ArrayLike<number>): number {
	let sum = 0;
	for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
	return sum;
}

function centredSumOfSquares(values: ArrayLike<number>): number {
	const n = values.length;
	let mean = 0;
	for (let i = 0; i < n; i++) mean += (values[i] as number) / n;
	return sumOfSquares(Float64Array.from(values, (value) => value - mean));
}
