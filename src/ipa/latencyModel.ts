import { quantileSorted } from "simple-statistics";
import { groupBy } from "../group.js";
import { ols } from "../statistics/ols.js";
import type { ServingRow } from "./profilePoints.js";

/**
 * Latency of a batch: log l = size(variant) + batch x log b + cores x log c + both x log b log c. The slopes are the
 * stage's; the size of a variant without cells follows from its GFLOPs, log-linearly over the variants that have some.
 */
export interface LatencyModel {
	readonly size: ReadonlyMap<string, number>;
	readonly slopes: { readonly batch: number; readonly cores: number; readonly both: number };
	/** log size = intercept + slope x log GFLOPs. */
	readonly byGflops: { readonly intercept: number; readonly slope: number };
}

/** Relative errors |modelled / measured - 1| of cells or variants left out. */
export interface LeftOutError {
	readonly median: number;
	readonly p90: number;
	readonly worst: number;
	readonly count: number;
}

/** Fits the model by least squares on the logs; throws Error where the cells do not determine it. */
export function fitLatencyModel(rows: readonly ServingRow[], gflops: ReadonlyMap<string, number>): LatencyModel {
	const variants = [...new Set(rows.map(({ variant }) => variant))];
	const column = (name: string, read: (row: ServingRow) => number) => ({ name, values: rows.map(read) });
	const fit = ols(
		[
			...variants.map((name) => column(name, ({ variant }) => (variant === name ? 1 : 0))),
			column("batch", ({ batch }) => Math.log(batch)),
			column("cores", ({ cores }) => Math.log(cores)),
			column("both", ({ batch, cores }) => Math.log(batch) * Math.log(cores)),
		],
		rows.map(({ latency_p99_s }) => Math.log(latency_p99_s)),
		{ intercept: false },
	);
	if (fit.status !== "ok") throw new Error(`the latency model cannot be fitted: ${fit.reason}, ${fit.detail}`);
	const estimates = fit.coefficients.map(({ estimate }) => estimate);
	const size = new Map(variants.map((name, i) => [name, estimates[i] as number]));
	const [batch, cores, both] = estimates.slice(variants.length) as [number, number, number];
	return { size, slopes: { batch, cores, both }, byGflops: lineOver(variants, size, gflops) };
}

/** Modelled latency of a batch, s. */
export function modelledLatency(
	model: LatencyModel,
	{ variant, cores, batch }: { variant: string; cores: number; batch: number },
	gflops: ReadonlyMap<string, number>,
): number {
	const { slopes, byGflops } = model;
	const size = model.size.get(variant) ?? byGflops.intercept + byGflops.slope * Math.log(gflops.get(variant) as number);
	const [b, c] = [Math.log(batch), Math.log(cores)];
	return Math.exp(size + slopes.batch * b + slopes.cores * c + slopes.both * b * c);
}

/** Error of the model on each cell of a variant with others, when that cell is left out of the fit. */
export function leaveCellOut(rows: readonly ServingRow[], gflops: ReadonlyMap<string, number>): LeftOutError {
	const counts = groupBy(rows, ({ variant }) => variant);
	const tested = rows.filter(({ variant }) => (counts.get(variant)?.length ?? 0) > 1);
	return errorsOf(
		tested.map((row) => ({
			row,
			model: fitLatencyModel(
				rows.filter((other) => other !== row),
				gflops,
			),
		})),
		gflops,
	);
}

/** Error of the model on all cells of a variant when the whole variant is left out, so that its GFLOPs must do. */
export function leaveVariantOut(rows: readonly ServingRow[], gflops: ReadonlyMap<string, number>): LeftOutError {
	const variants = [...new Set(rows.map(({ variant }) => variant))];
	const pairs = variants.flatMap((name) => {
		const model = fitLatencyModel(
			rows.filter(({ variant }) => variant !== name),
			gflops,
		);
		return rows.filter(({ variant }) => variant === name).map((row) => ({ row, model }));
	});
	return errorsOf(pairs, gflops);
}

function errorsOf(
	pairs: readonly { row: ServingRow; model: LatencyModel }[],
	gflops: ReadonlyMap<string, number>,
): LeftOutError {
	const errors = pairs
		.map(({ row, model }) => Math.abs(modelledLatency(model, row, gflops) / row.latency_p99_s - 1))
		.sort((a, b) => a - b);
	return {
		median: quantileSorted(errors, 0.5),
		p90: quantileSorted(errors, 0.9),
		worst: errors.at(-1) as number,
		count: errors.length,
	};
}

function lineOver(variants: readonly string[], size: ReadonlyMap<string, number>, gflops: ReadonlyMap<string, number>) {
	const fit = ols(
		[{ name: "gflops", values: variants.map((name) => Math.log(gflops.get(name) as number)) }],
		variants.map((name) => size.get(name) as number),
	);
	// With fewer variants than a line and its error need, sizes are taken as proportional to GFLOPs.
	if (fit.status !== "ok") {
		const first = variants[0] as string;
		return { intercept: (size.get(first) as number) - Math.log(gflops.get(first) as number), slope: 1 };
	}
	const [intercept, slope] = fit.coefficients.map(({ estimate }) => estimate) as [number, number];
	return { intercept, slope };
}
