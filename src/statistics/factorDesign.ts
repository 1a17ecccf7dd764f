import { Matrix, QrDecomposition, SingularValueDecomposition } from "ml-matrix";
import type { DesignColumn } from "./ols.js";
import { type Outcome, undefinedBecause } from "./outcome.js";

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
export function factorDesign(design: readonly DesignColumn[]): Outcome<FactoredDesign> {
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
