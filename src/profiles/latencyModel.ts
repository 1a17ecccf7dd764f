import { quantileSorted } from "simple-statistics";
import type { SlopeName } from "../datasets/dataFiles.js";
import { groupBy } from "../group.js";
import { type Outcome, undefinedBecause } from "../statistics/checks.js";
import { ols } from "../statistics/ols.js";

/** A row of IPA's published measurements that may enter a profile. */
export interface ServingRow {
	readonly variant: string;
	readonly cores: number;
	readonly batch: number;
	/** Offered load, requests/s. */
	readonly load_rps: number;
	readonly series: string;
	readonly quality: string;
	/** Of the statistic that the stage is read by, s. */
	readonly latency_s: number;
	readonly line: number;
}

/** Best first: what IPA's final configurations point at, what its paper prints, complete later grids, development runs. */
const qualities = ["final-ipa-profile", "paper-table", "sponge-grid", "dev"] as const;

/** IPA's final configurations read the profile at this load (profiling_load), requests/s. */
const profilingLoad_rps = 20;

/**
 * One row a cell (variant, cores, batch). A row enters where batches can fill: MLServer waits at most 1 s for a batch, so
 * a load under `batch` requests/s measures smaller batches than the cell says. Of several rows of a cell the one of the
 * best quality enters, then the one whose load is nearest to IPA's profiling load, then the first in the file.
 */
export function selectRows(rows: readonly ServingRow[]): ServingRow[] {
	const usable = rows.filter(
		({ quality, load_rps, batch }) => (qualities as readonly string[]).includes(quality) && load_rps >= batch,
	);
	return [...groupBy(usable, ({ variant, cores, batch }) => JSON.stringify([variant, cores, batch])).values()].map(
		(cell) =>
			cell.toSorted(
				(a, b) =>
					rankOf(a) - rankOf(b) ||
					Math.abs(a.load_rps - profilingLoad_rps) - Math.abs(b.load_rps - profilingLoad_rps) ||
					a.line - b.line,
			)[0] as ServingRow,
	);
}

function rankOf({ quality }: ServingRow): number {
	return (qualities as readonly string[]).indexOf(quality);
}

/**
 * Latency of a batch: log l = size(variant) + batch x log b + cores x log c + both x log b log c. The slopes are the
 * stage's; the size of a variant without cells follows from its operations or parameters, log-linearly over the variants
 * that have some.
 */
export interface LatencyModel {
	readonly size: ReadonlyMap<string, number>;
	readonly slopes: Readonly<Record<Exclude<SlopeName, "size">, number>>;
	/** log size(variant) = intercept + slope x log(operations or parameters). */
	readonly bySize: { readonly intercept: number; readonly slope: number };
}

/** Slopes that are given, from another stage's model, rather than fitted. */
export type GivenSlopes = Partial<LatencyModel["slopes"]>;

/** Relative errors |modelled / measured - 1| of cells or variants left out; `count` 0: none could be. */
export type LeftOutError =
	| { readonly count: 0 }
	| { readonly count: number; readonly median: number; readonly p90: number; readonly worst: number };

/**
 * Fits the model by least squares on the logs; undefined where the cells do not determine it.
 *
 * @param sizes operations or parameters of every variant
 * @param given slopes that the cells do not determine
 */
export function fitLatencyModel(
	rows: readonly ServingRow[],
	sizes: ReadonlyMap<string, number>,
	given: GivenSlopes = {},
): Outcome<{ readonly model: LatencyModel }> {
	const variants = [...new Set(rows.map(({ variant }) => variant))];
	const terms = {
		batch: ({ batch }: ServingRow) => Math.log(batch),
		cores: ({ cores }: ServingRow) => Math.log(cores),
		both: ({ batch, cores }: ServingRow) => Math.log(batch) * Math.log(cores),
	};
	const names = ["batch", "cores", "both"] as const;
	const fitted = names.filter((name) => given[name] === undefined);
	const column = (name: string, read: (row: ServingRow) => number) => ({ name, values: rows.map(read) });
	const explained = (row: ServingRow) => names.reduce((sum, name) => sum + (given[name] ?? 0) * terms[name](row), 0);
	const logs = rows.map((row) => Math.log(row.latency_s) - explained(row));
	const fit = ols(
		[
			...variants.map((name) => column(name, ({ variant }) => (variant === name ? 1 : 0))),
			...fitted.map((name) => column(name, terms[name])),
		],
		logs,
		{ intercept: false },
	);
	// A cell a variant and no slope to fit: each cell is its variant's size.
	const exact = fitted.length === 0 && rows.length === variants.length;
	if (fit.status !== "ok" && !exact) return undefinedBecause(fit.reason, `latency model: ${fit.detail}`);
	const estimates = fit.status === "ok" ? fit.coefficients.map(({ estimate }) => estimate) : logs;
	const size = new Map(variants.map((name, i) => [name, estimates[i] as number]));
	const slope = (name: (typeof names)[number]) =>
		given[name] ?? (estimates[variants.length + fitted.indexOf(name)] as number);
	const slopes = { batch: slope("batch"), cores: slope("cores"), both: slope("both") };
	return { status: "ok", model: { size, slopes, bySize: lineOver(variants, size, sizes) } };
}

/** Modelled latency of a batch, s. */
export function modelledLatency(
	{ size, slopes, bySize }: LatencyModel,
	{ variant, cores, batch }: { variant: string; cores: number; batch: number },
	sizes: ReadonlyMap<string, number>,
): number {
	const own = size.get(variant) ?? bySize.intercept + bySize.slope * Math.log(sizes.get(variant) as number);
	const [b, c] = [Math.log(batch), Math.log(cores)];
	return Math.exp(own + slopes.batch * b + slopes.cores * c + slopes.both * b * c);
}

/** Error of the model on each cell of a variant with others, when that cell is left out of the fit. */
export function leaveCellOut(
	rows: readonly ServingRow[],
	sizes: ReadonlyMap<string, number>,
	given: GivenSlopes = {},
): LeftOutError {
	const counts = groupBy(rows, ({ variant }) => variant);
	const tested = rows.filter(({ variant }) => (counts.get(variant)?.length ?? 0) > 1);
	return errorsOf(
		tested.map((row) => [row, rows.filter((other) => other !== row)]),
		sizes,
		given,
	);
}

/** Error of the model on all cells of a variant when the whole variant is left out, so that its size must do. */
export function leaveVariantOut(
	rows: readonly ServingRow[],
	sizes: ReadonlyMap<string, number>,
	given: GivenSlopes = {},
): LeftOutError {
	const variants = [...new Set(rows.map(({ variant }) => variant))];
	if (variants.length < 2) return { count: 0 };
	const pairs = variants.flatMap((name) => {
		const others = rows.filter(({ variant }) => variant !== name);
		return rows.filter(({ variant }) => variant === name).map((row) => [row, others] as const);
	});
	return errorsOf(pairs, sizes, given);
}

function errorsOf(
	pairs: readonly (readonly [ServingRow, readonly ServingRow[]])[],
	sizes: ReadonlyMap<string, number>,
	given: GivenSlopes,
): LeftOutError {
	const errors = pairs
		.flatMap(([row, others]) => {
			const fit = fitLatencyModel(others, sizes, given);
			// Undefined: of the only cell that tells a slope, without which there is no model to be wrong.
			return fit.status === "ok" ? [Math.abs(modelledLatency(fit.model, row, sizes) / row.latency_s - 1)] : [];
		})
		.sort((a, b) => a - b);
	if (errors.length === 0) return { count: 0 };
	return {
		median: quantileSorted(errors, 0.5),
		p90: quantileSorted(errors, 0.9),
		worst: errors.at(-1) as number,
		count: errors.length,
	};
}

function lineOver(variants: readonly string[], size: ReadonlyMap<string, number>, sizes: ReadonlyMap<string, number>) {
	const fit = ols(
		[{ name: "size", values: variants.map((name) => Math.log(sizes.get(name) as number)) }],
		variants.map((name) => size.get(name) as number),
	);
	// With fewer variants than a line and its error need, latencies are taken as proportional to sizes.
	if (fit.status !== "ok") {
		const first = variants[0] as string;
		return { intercept: (size.get(first) as number) - Math.log(sizes.get(first) as number), slope: 1 };
	}
	const [intercept, slope] = fit.coefficients.map(({ estimate }) => estimate) as [number, number];
	return { intercept, slope };
}
