import { Matrix, QrDecomposition } from "ml-matrix";
import { quantileSorted } from "simple-statistics";
import { integerBelow, seeded } from "../random.js";
import type { ResamplingOptions } from "./coupling.js";
import { deviations } from "./deviations.js";
import type { EvidenceCell } from "./evidence.js";
import type { Denominator, MetricName } from "./metrics.js";
import { clusterOf, type Knob } from "./strata.js";

/** How much of energy's variance a set of metrics explains in variants that the fit has not seen. */
export type Explained =
	| {
			readonly status: "estimated";
			readonly metrics: readonly MetricName[];
			/** 1 - squared error / variance, over held-out variants; negative where the fit is worse than no fit. */
			readonly r2: number;
			readonly interval: { readonly low: number; readonly high: number };
			/** Median over the held-out cells of |predicted / measured - 1|. */
			readonly medianRelativeError: number;
			readonly cells: number;
			readonly clusters: number;
	  }
	| { readonly status: "undefined"; readonly reason: "too-few-clusters" | "too-few-cells" | "no-varying-metric" };

interface Fold {
	readonly squaredError: number;
	readonly variation: number;
}

/**
 * Leave-one-cluster-out R2 of log energy on the logs of the metrics, both as deviations from their stratum's mean, so
 * that only what the knob does is explained. A column that does not vary in a training set, or that others span, gets
 * no weight there (QR with a tolerance). The interval is a percentile bootstrap over the clusters' errors, with the
 * fits kept: it shows the spread over variants, not that of the coefficients.
 */
export function explained(
	cells: readonly EvidenceCell[],
	knob: Knob,
	names: readonly MetricName[],
	per: Denominator,
	options: ResamplingOptions,
): Explained {
	const { metrics: varying, x: columns, y, cells: known } = deviations(cells, knob, names, per);
	if (known.length < 4) return { status: "undefined", reason: "too-few-cells" };
	if (varying.length === 0) return { status: "undefined", reason: "no-varying-metric" };
	const rows = known.map((cell, i) => ({
		cluster: clusterOf(cell),
		x: columns.map((column) => column[i] as number),
		y: y[i] as number,
	}));
	const clusters = [...new Set(rows.map(({ cluster }) => cluster))];
	if (clusters.length < 3) return { status: "undefined", reason: "too-few-clusters" };

	const relativeErrors: number[] = [];
	const folds = clusters.map((held): Fold => {
		const training = rows.filter(({ cluster }) => cluster !== held);
		const beta = leastSquares(
			training.map(({ x }) => x),
			training.map(({ y }) => y),
		);
		let squaredError = 0;
		let variation = 0;
		for (const { cluster, x, y } of rows) {
			if (cluster !== held) continue;
			const error = x.reduce((sum, value, k) => sum + value * (beta[k] as number), 0) - y;
			relativeErrors.push(Math.abs(Math.expm1(error)));
			squaredError += error * error;
			variation += y * y;
		}
		return { squaredError, variation };
	});
	relativeErrors.sort((a, b) => a - b);
	return {
		status: "estimated",
		metrics: varying,
		r2: outOfSample(folds),
		interval: foldInterval(folds, options),
		medianRelativeError: quantileSorted(relativeErrors, 0.5),
		cells: rows.length,
		clusters: clusters.length,
	};
}

/** Coefficients by QR, columns that are (nearly) dependent on earlier ones left at 0. */
function leastSquares(x: readonly number[][], y: readonly number[]): number[] {
	const width = x[0]?.length ?? 0;
	let kept = Array.from({ length: width }, (_, k) => k);
	let qr = decomposed(x, kept);
	for (let dependent = firstDependent(qr, x.length); dependent >= 0; dependent = firstDependent(qr, x.length)) {
		kept = kept.filter((_, i) => i !== dependent);
		if (kept.length === 0) return new Array<number>(width).fill(0);
		qr = decomposed(x, kept);
	}
	const solution = qr.solve(Matrix.columnVector([...y]));
	const beta = new Array<number>(width).fill(0);
	kept.forEach((k, i) => {
		beta[k] = solution.get(i, 0);
	});
	return beta;
}

function decomposed(x: readonly number[][], columns: readonly number[]): QrDecomposition {
	return new QrDecomposition(new Matrix(x.map((row) => columns.map((k) => row[k] as number))));
}

/** Index of the first column that those before it span, or -1. */
function firstDependent(qr: QrDecomposition, rows: number): number {
	const r = qr.upperTriangularMatrix;
	const diagonal = Array.from({ length: r.columns }, (_, i) => (i < rows ? Math.abs(r.get(i, i)) : 0));
	const largest = Math.max(...diagonal);
	return diagonal.findIndex((value) => value <= 1e-8 * largest);
}

function outOfSample(folds: readonly Fold[]): number {
	let squaredError = 0;
	let variation = 0;
	for (const fold of folds) {
		squaredError += fold.squaredError;
		variation += fold.variation;
	}
	return 1 - squaredError / variation;
}

function foldInterval(
	folds: readonly Fold[],
	{ seed, resamples, level }: ResamplingOptions,
): { low: number; high: number } {
	const random = seeded(seed);
	const values = Array.from({ length: resamples }, () =>
		outOfSample(folds.map(() => folds[integerBelow(random, folds.length)] as Fold)),
	).sort((a, b) => a - b);
	const tail = (1 - level) / 2;
	return { low: quantileSorted(values, tail), high: quantileSorted(values, 1 - tail) };
}
