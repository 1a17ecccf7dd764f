import type { CsvRow, CsvTable } from "../datasets/csv.js";
import { numberField } from "../datasets/field.js";
import { requiredFigure } from "../datasets/publishedFigures.js";
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
import type { StageSource, VariantSource } from "./stages.js";

/** The grid that IPA profiles: allocations, and the batches of its search. */
const cores = [1, 2, 4, 8, 16, 32];
const batches = [1, 2, 4, 8, 16, 32, 64];

/** A stage's profile over the whole grid, its measured cells as they are and the others modelled. */
export interface DerivedStage {
	readonly source: StageSource;
	readonly points: readonly ProfilePoint[];
	readonly rows: readonly ServingRow[];
	readonly model: LatencyModel;
	readonly leaveCellOut: LeftOutError;
	readonly leaveVariantOut: LeftOutError;
}

/** Derives every stage; one that borrows slopes follows the one that it borrows them from. */
export function deriveStages(
	sources: readonly StageSource[],
	profiles: ReadonlyMap<string, CsvTable>,
	paper: CsvTable,
): ReadonlyMap<string, DerivedStage> {
	const derived = new Map<string, DerivedStage>();
	const waiting = [...sources];
	while (waiting.length > 0) {
		const next = waiting.findIndex(({ borrowed }) => borrowed === undefined || derived.has(borrowed.from));
		if (next < 0) throw new Error("stages borrow from each other in a circle");
		const [source] = waiting.splice(next, 1) as [StageSource];
		const lender = source.borrowed && derived.get(source.borrowed.from);
		derived.set(source.name, deriveStage(source, profiles.get(source.file) as CsvTable, paper, lender));
	}
	return derived;
}

function deriveStage(
	source: StageSource,
	profiles: CsvTable,
	paper: CsvTable,
	lender: DerivedStage | undefined,
): DerivedStage {
	const sizes = sizesOf(source, paper);
	const rows = selectRows(
		wholeRows(profiles, source).flatMap(({ row, serving }) =>
			row.values[source.statistic] === ""
				? []
				: [{ ...serving, latency_s: numberField(row, source.statistic, "positive") }],
		),
	);
	const borrowed = source.borrowed?.slopes ?? [];
	const given: GivenSlopes = Object.fromEntries(
		borrowed.flatMap((name) => (name === "size" || lender === undefined ? [] : [[name, lender.model.slopes[name]]])),
	);
	const model =
		borrowed.includes("size") && lender !== undefined
			? { size: new Map(), slopes: lender.model.slopes, bySize: lender.model.bySize }
			: fitLatencyModel(rows, sizes, given);
	return {
		source,
		rows,
		model,
		points: source.variants.flatMap((variant) => pointsOf(source, variant, rows, model, sizes, paper)),
		leaveCellOut: leaveCellOut(rows, sizes, given),
		leaveVariantOut: leaveVariantOut(rows, sizes, given),
	};
}

function pointsOf(
	{ accuracy }: StageSource,
	{ name: variant, table, entity }: VariantSource,
	rows: readonly ServingRow[],
	model: LatencyModel,
	sizes: ReadonlyMap<string, number>,
	paper: CsvTable,
): ProfilePoint[] {
	const printed = requiredFigure(paper, table, entity, accuracy);
	const accuracy_pct = accuracy.startsWith("WER") ? 100 - printed : printed;
	return cores.flatMap((own) =>
		batches.map((batch): ProfilePoint => {
			const row = rows.find((cell) => cell.variant === variant && cell.cores === own && cell.batch === batch);
			const latency_s = row?.latency_s ?? modelledLatency(model, { variant, cores: own, batch }, sizes);
			const kind = row === undefined ? "modelled" : "measured";
			return { variant, accuracy_pct, cores: own, batch, latency_s, throughput_rps: batch / latency_s, kind };
		}),
	);
}

function sizesOf({ variants }: StageSource, paper: CsvTable): ReadonlyMap<string, number> {
	return new Map(
		variants.map(({ name, table, entity, gflops }) => [
			name,
			gflops ?? requiredFigure(paper, table, entity, "parameters"),
		]),
	);
}

/** A published row of a stage, and what cell it is of. */
export interface WholeRow {
	readonly row: CsvRow;
	readonly serving: Omit<ServingRow, "latency_s">;
}

/** Rows of a stage that are whole: not oversubscribed, one replica, all dimensions known. */
export function wholeRows({ rows }: CsvTable, { rows: stage, variants }: StageSource): WholeRow[] {
	const names = new Map(variants.map(({ name, printedAs = name }) => [printedAs, name]));
	return rows.flatMap((row) => {
		const { values } = row;
		const variant = names.get(values.model_variant as string);
		const whole =
			values.stage === stage &&
			// The file of the other pipelines has no such column: its qualities say it.
			(values.thread_oversubscribed ?? "no") === "no" &&
			["cpu_cores", "max_batch_size", "load_rps"].every((column) => values[column] !== "") &&
			(values.replicas === "1" || values.replicas === "");
		if (!whole || variant === undefined) return [];
		return [
			{
				row,
				serving: {
					variant,
					cores: numberField(row, "cpu_cores", "positive"),
					batch: numberField(row, "max_batch_size", "positive integer"),
					load_rps: numberField(row, "load_rps", "positive"),
					series: values.series as string,
					quality: values.quality as string,
					line: row.line,
				},
			},
		];
	});
}
