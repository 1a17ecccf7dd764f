import { type CsvRow, type CsvTable, numberField, optionalNumber } from "../datasets/csv.js";
import type { StageSource } from "../datasets/dataFiles.js";
import { modelledLatency, type ServingRow } from "../profiles/latencyModel.js";
import { type StageModel, type StageTables, stageModels, wholeRows } from "../profiles/stageProfile.js";

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
 */
export function publishedPoints(cells: readonly PublishedCell[], tables: StageTables): PublishedPoint[] {
	const early = (time_s: (row: CsvRow, source: StageSource) => number | undefined) =>
		stageModels(tables, (row, source) => (later.has(row.values.quality ?? "") ? undefined : time_s(row, source)), true);
	const latencies = early((row, { statistic }) => optionalNumber(row, statistic, "positive"));
	const services = early(serviceTime);
	return cells.map((cell) => {
		const latency = looked(latencies.get(cell.stage)!, cell);
		const service = looked(services.get(cell.stage)!, cell);
		const atLoad = largestAtLoad(cell, latencies.get(cell.stage)!.source, tables.profiles);
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

function looked({ rows, model, sizes }: StageModel, { variant, cores, batch }: PublishedCell) {
	const row = rows.find((own) => own.variant === variant && own.cores === cores && own.batch === batch);
	return row === undefined
		? { value_s: modelledLatency(model, { variant, cores, batch }, sizes), kind: "modelled" as const, source: "" }
		: { value_s: row.latency_s, kind: "measured" as const, source: sourceOf(row) };
}

/** The largest throughput of IPA's own profiling series at the cell's load, where it was published. */
function largestAtLoad(
	{ variant, cores, batch, load_rps }: PublishedCell,
	source: StageSource,
	profiles: ReadonlyMap<string, CsvTable>,
) {
	for (const { row, serving } of wholeRows(profiles, source)) {
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
