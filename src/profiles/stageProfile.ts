import { join } from "node:path";
import { type CsvRow, type CsvTable, numberField, readCsv } from "../datasets/csv.js";
import { type IpaSources, readIpaSources, type StageSource } from "../datasets/dataFiles.js";
import { requiredFigure } from "../datasets/publishedTables.js";
import type { ProfilePoint } from "../pipeline/profile.js";
import {
	fitLatencyModel,
	type GivenSlopes,
	type LatencyModel,
	type LeftOutError,
	leaveCellOut,
	leaveVariantOut,
	modelledLatency,
	type ServingRow,
	selectRows,
} from "./latencyModel.js";

/** What stages are derived from: where they are published, their measurements by file, and the paper's tables. */
export interface StageTables extends IpaSources {
	readonly profiles: ReadonlyMap<string, CsvTable>;
	readonly paper: CsvTable;
}

/** Reads data/ipa-stages.yaml and the tables of data/raw that it names. */
export async function readStageTables(dataRoot: string): Promise<StageTables> {
	const sources = await readIpaSources(dataRoot);
	const raw = (name: string) => readCsv(join(dataRoot, "raw", name));
	const profiles = new Map<string, CsvTable>();
	for (const { file } of sources.stages) if (!profiles.has(file)) profiles.set(file, await raw(`ipa-profiles/${file}`));
	return { ...sources, profiles, paper: await raw("ipa-paper/ipa-paper-tables.csv") };
}

/** A stage's cells and the model that was fitted to them. */
export interface StageModel {
	readonly source: StageSource;
	readonly rows: readonly ServingRow[];
	/** Operations or parameters of every variant. */
	readonly sizes: ReadonlyMap<string, number>;
	/** Slopes that are another stage's. */
	readonly given: GivenSlopes;
	readonly model: LatencyModel;
}

/**
 * Every stage's model; one that borrows slopes follows the one that it borrows them from.
 *
 * @param timeOf what of a row is modelled, s; undefined where the row does not enter
 * @param bodies whether BERT-like variants are sized without their embeddings
 * @throws RangeError where a stage's cells do not determine its model
 */
export function stageModels(
	{ stages, profiles, paper }: StageTables,
	timeOf: (row: CsvRow, source: StageSource) => number | undefined,
	bodies: boolean,
): ReadonlyMap<string, StageModel> {
	const models = new Map<string, StageModel>();
	const add = (source: StageSource): StageModel => {
		const known = models.get(source.name);
		if (known !== undefined) return known;
		const { variants, table, borrowed } = source;
		const sizes = new Map([
			...variants.map(
				({ name, entity = name, gflops }) =>
					[name, gflops ?? requiredFigure(paper, table, entity, "parameters")] as const,
			),
			...(bodies ? Object.entries(source.bodies) : []),
		]);
		const rows = selectRows(
			wholeRows(profiles, source).flatMap(({ row, serving }) => {
				const latency_s = timeOf(row, source);
				return latency_s === undefined ? [] : [{ ...serving, latency_s }];
			}),
		);
		const from = borrowed && stages.find(({ name, borrowed: more }) => name === borrowed.from && more === undefined);
		if (borrowed !== undefined && from === undefined)
			throw new RangeError(`${source.name} borrows from ${borrowed.from}, which must be a stage that borrows nothing`);
		const lender = from && add(from).model;
		const slopes = borrowed?.slopes ?? [];
		const given: GivenSlopes = Object.fromEntries(
			slopes.flatMap((name) => (name === "size" || lender === undefined ? [] : [[name, lender.slopes[name]]])),
		);
		const stage = { source, rows, sizes, given };
		if (slopes.includes("size") && lender !== undefined)
			models.set(source.name, { ...stage, model: { ...lender, size: new Map() } });
		else {
			const fit = fitLatencyModel(rows, sizes, given);
			if (fit.status !== "ok") throw new RangeError(`${source.name}: ${fit.reason}, ${fit.detail}`);
			models.set(source.name, { ...stage, model: fit.model });
		}
		return models.get(source.name)!;
	};
	for (const source of stages) add(source);
	return models;
}

/** The grid that IPA profiles: allocations, and the batches of its search. */
const cores = [1, 2, 4, 8, 16, 32];
const batches = [1, 2, 4, 8, 16, 32, 64];

/** A stage's profile over the whole grid, its measured cells as they are and the others modelled. */
export interface DerivedStage extends StageModel {
	readonly points: readonly ProfilePoint[];
	readonly leaveCellOut: LeftOutError;
	readonly leaveVariantOut: LeftOutError;
}

/** Derives every stage, by the statistic that its measurements hold for most cells. */
export function deriveStages(tables: StageTables): ReadonlyMap<string, DerivedStage> {
	const models = stageModels(
		tables,
		(row, { statistic }) => (row.values[statistic] === "" ? undefined : numberField(row, statistic, "positive")),
		false,
	);
	return new Map(
		[...models].map(([name, stage]) => {
			const { rows, sizes, given } = stage;
			return [
				name,
				{
					...stage,
					points: pointsOf(stage, tables.paper),
					leaveCellOut: leaveCellOut(rows, sizes, given),
					leaveVariantOut: leaveVariantOut(rows, sizes, given),
				},
			];
		}),
	);
}

function pointsOf({ source, rows, model, sizes }: StageModel, paper: CsvTable): ProfilePoint[] {
	const { accuracy, table, variants } = source;
	return variants.flatMap(({ name: variant, entity = variant }) => {
		const printed = requiredFigure(paper, table, entity, accuracy);
		const accuracy_pct = accuracy.startsWith("WER") ? 100 - printed : printed;
		return cores.flatMap((count) =>
			batches.map((batch): ProfilePoint => {
				const row = rows.find((cell) => cell.variant === variant && cell.cores === count && cell.batch === batch);
				const latency_s = row?.latency_s ?? modelledLatency(model, { variant, cores: count, batch }, sizes);
				const kind = row === undefined ? "modelled" : "measured";
				return { variant, accuracy_pct, cores: count, batch, latency_s, throughput_rps: batch / latency_s, kind };
			}),
		);
	});
}

/** A published row of a stage, and what cell it is of. */
export interface WholeRow {
	readonly row: CsvRow;
	readonly serving: Omit<ServingRow, "latency_s">;
}

/** Rows of a stage that are whole: not oversubscribed, one replica, all dimensions known. */
export function wholeRows(
	profiles: ReadonlyMap<string, CsvTable>,
	{ file, rows: stage, variants }: StageSource,
): WholeRow[] {
	const names = new Map(variants.map(({ name, printed_as = name }) => [printed_as, name]));
	return (profiles.get(file)?.rows ?? []).flatMap((row) => {
		const { model_variant = "", series = "", quality = "", replicas, ...values } = row.values;
		const variant = names.get(model_variant);
		const whole =
			values.stage === stage &&
			// The file of the other pipelines has no such column: its qualities say it.
			(values.thread_oversubscribed ?? "no") === "no" &&
			["cpu_cores", "max_batch_size", "load_rps"].every((column) => values[column] !== "") &&
			(replicas === "1" || replicas === "");
		if (!whole || variant === undefined) return [];
		const serving = {
			variant,
			cores: numberField(row, "cpu_cores", "positive"),
			batch: numberField(row, "max_batch_size", "positive integer"),
			load_rps: numberField(row, "load_rps", "positive"),
			series,
			quality,
			line: row.line,
		};
		return [{ row, serving }];
	});
}
