import type { CsvRow, CsvTable } from "../datasets/csv.js";
import { numberField, optionalNumber } from "../datasets/field.js";
import { requiredFigure } from "../datasets/publishedFigures.js";
import {
	fitLatencyModel,
	type GivenSlopes,
	type LatencyModel,
	modelledLatency,
	type ServingRow,
	selectRows,
} from "../profiles/latencyModel.js";
import { wholeRows } from "../profiles/stageProfile.js";
import type { StageSource } from "../profiles/stages.js";

/** A cell that IPA's published runs planned with, profiled at a load, requests/s. */
export interface PublishedCell {
	readonly stage: string;
	readonly variant: string;
	readonly cores: number;
	readonly batch: number;
	readonly load_rps: number;
}

/** Where a number of a point is from: a published measurement, or the stage's model. */
export type PointKind = "measured" | "modelled";

/** What a published run planned with in a cell, before margins. */
export interface PublishedPoint extends PublishedCell {
	/** 99th percentile, for the SLA; the mean where no percentile was published (nlp-li, nlp-trans, nlp-sum). */
	readonly latency_s: number;
	readonly latency_kind: PointKind;
	/** The largest that the profile shows, at most about the load, requests/s. */
	readonly throughput_rps: number;
	readonly throughput_kind: PointKind;
	/** `series 71, load 20` of the measurements that the latency and the throughput are; empty where modelled. */
	readonly latency_source: string;
	readonly throughput_source: string;
}

/** Measured from December 2023 on, for another project: after the runs, which cannot have planned with them. */
const later: ReadonlySet<string> = new Set(["sponge-grid"]);

/** A throughput below this share of the offered load is the replica's own; nearer to it, the load is what was measured. */
const saturated = 0.9;

interface StageModel {
	readonly rows: readonly ServingRow[];
	readonly model: LatencyModel;
	readonly sizes: ReadonlyMap<string, number>;
}

/**
 * The points that IPA's published runs planned with, by one rule a number, none of it from the runs' own figures.
 *
 * - **Throughput**: the largest measured at the profiling load, where it was published. Else the load or, where less,
 *   batch / service time: of a measurement at another load or in another series, or of the stage's model.
 * - **Service time** of a measurement: batch / throughput where the replica was saturated, else the mean latency, else
 *   the 99th percentile. The model is that of `fitLatencyModel`, on service times.
 * - **Latency**: of a measurement, or of a model of the 99th percentiles.
 * - Measurements that are later than the runs are left out of both.
 *
 * Variants of BERT's family are sized by their parameters without the embeddings, which are looked up, not computed with.
 *
 * @param cells which points; of one cell at two loads both
 * @param sources every stage that the cells name, and the ones that those borrow slopes from
 */
export function publishedPoints(
	cells: readonly PublishedCell[],
	sources: readonly StageSource[],
	profiles: ReadonlyMap<string, CsvTable>,
	paper: CsvTable,
): PublishedPoint[] {
	const read = { sources, profiles, paper };
	const latencies = stageModels(read, ({ values, ...row }, { statistic }) =>
		values[statistic] === "" ? undefined : numberField({ values, ...row }, statistic, "positive"),
	);
	const services = stageModels(read, serviceTime);
	return cells.map((cell) => {
		const latency = looked(latencies.get(cell.stage) as StageModel, cell);
		const service = looked(services.get(cell.stage) as StageModel, cell);
		const atLoad = largestAtLoad(cell, sources, profiles);
		return {
			...cell,
			latency_s: latency.value_s,
			latency_kind: latency.kind,
			latency_source: latency.source,
			throughput_rps: atLoad?.throughput_rps ?? Math.min(cell.load_rps, cell.batch / service.value_s),
			throughput_kind: atLoad === undefined ? service.kind : "measured",
			throughput_source: atLoad?.source ?? service.source,
		};
	});
}

/** Time that a measurement's batches kept the replica busy, s. */
function serviceTime(row: CsvRow): number | undefined {
	const batch = numberField(row, "max_batch_size", "positive integer");
	const throughput_rps = optionalNumber(row, "throughput_max_rps", "not negative") ?? 0;
	const load_rps = numberField(row, "load_rps", "positive");
	if (throughput_rps > 0 && throughput_rps < saturated * load_rps) return batch / throughput_rps;
	return optionalNumber(row, "latency_avg_s", "positive") ?? optionalNumber(row, "latency_p99_s", "positive");
}

type Read = (row: CsvRow, source: StageSource) => number | undefined;

function stageModels(
	{
		sources,
		profiles,
		paper,
	}: {
		readonly sources: readonly StageSource[];
		readonly profiles: ReadonlyMap<string, CsvTable>;
		readonly paper: CsvTable;
	},
	read: Read,
): ReadonlyMap<string, StageModel> {
	const models = new Map<string, StageModel>();
	const model = (source: StageSource): StageModel => {
		const known = models.get(source.name);
		if (known !== undefined) return known;
		const sizes = new Map([
			...source.variants.map(
				({ name, table, entity, gflops }) =>
					[name, gflops ?? requiredFigure(paper, table, entity, "parameters")] as const,
			),
			...Object.entries(source.bodies ?? {}),
		]);
		const rows = selectRows(
			wholeRows(profiles.get(source.file) as CsvTable, source).flatMap(({ row, serving }) => {
				const latency_s = later.has(serving.quality) ? undefined : read(row, source);
				return latency_s === undefined ? [] : [{ ...serving, latency_s }];
			}),
		);
		const { borrowed } = source;
		const lender = borrowed && model(sources.find(({ name }) => name === borrowed.from) as StageSource).model;
		const given: GivenSlopes = Object.fromEntries(
			(borrowed?.slopes ?? []).flatMap((name) =>
				name === "size" || lender === undefined ? [] : [[name, lender.slopes[name]]],
			),
		);
		const own =
			lender !== undefined && borrowed?.slopes.includes("size") === true
				? { size: new Map<string, number>(), slopes: lender.slopes, bySize: lender.bySize }
				: fitLatencyModel(rows, sizes, given);
		models.set(source.name, { rows, model: own, sizes });
		return models.get(source.name) as StageModel;
	};
	for (const source of sources) model(source);
	return models;
}

function looked({ rows, model, sizes }: StageModel, { variant, cores, batch }: PublishedCell) {
	const row = rows.find((own) => own.variant === variant && own.cores === cores && own.batch === batch);
	return row === undefined
		? { value_s: modelledLatency(model, { variant, cores, batch }, sizes), kind: "modelled" as const, source: "" }
		: { value_s: row.latency_s, kind: "measured" as const, source: sourceOf(row) };
}

/** The largest throughput of IPA's own profiling series at the cell's load, where it was published. */
function largestAtLoad(
	{ stage, variant, cores, batch, load_rps }: PublishedCell,
	sources: readonly StageSource[],
	profiles: ReadonlyMap<string, CsvTable>,
) {
	const source = sources.find(({ name }) => name === stage) as StageSource;
	for (const { row, serving } of wholeRows(profiles.get(source.file) as CsvTable, source)) {
		const same = serving.variant === variant && serving.cores === cores && serving.batch === batch;
		const throughput_rps = optionalNumber(row, "throughput_max_rps", "not negative") ?? 0;
		if (same && serving.quality === "final-ipa-profile" && serving.load_rps === load_rps && throughput_rps > 0)
			return { throughput_rps, source: sourceOf(serving) };
	}
	return undefined;
}

function sourceOf({ series, load_rps }: Omit<ServingRow, "latency_s">): string {
	return `series ${series}, load ${load_rps}`;
}
