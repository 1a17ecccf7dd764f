import type { CsvTable } from "../datasets/csv.js";
import type { IpaSources } from "../datasets/dataFiles.js";
import { publishedFigure, requiredFigure } from "../datasets/publishedTables.js";
import { BaseAllocationError, baseAllocations } from "../pipeline/allocation.js";
import { stageSla } from "../pipeline/options.js";
import type { ProfilePoint, StageProfile } from "../pipeline/profile.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import type { Kind } from "../units.js";
import type { LeftOutError } from "./latencyModel.js";
import { type DerivedStage, deriveStages, readStageTables } from "./stageProfile.js";

type PipelineSource = IpaSources["pipelines"][number];

/** IPA's setting in all of its final experiments. */
const ipaSlaFactor = 5;

/** What the derivation of a stage found, beside its profile. */
export interface StageReport {
	readonly stage: string;
	readonly statistic: string;
	readonly measured: number;
	readonly modelled: number;
	readonly withoutCells: readonly string[];
	/** Slopes of the latency model that are another stage's, and why. */
	readonly borrowed?: string;
	readonly leaveCellOut: LeftOutError;
	readonly leaveVariantOut: LeftOutError;
	/** Base allocations by variant, cores: ours within the paper's stage SLA, and as published (printed and exact). */
	readonly baseAllocations: readonly {
		readonly variant: string;
		/** Absent where no allocation reaches the threshold within the SLA. */
		readonly derived?: number;
		readonly printed?: number;
		readonly exact?: number;
	}[];
	readonly sla_s: SlaComparison;
}

/** SLAs at IPA's factor, s: of the profile, of its part on the cores that IPA profiled, of IPA's optimiser, as printed. */
export interface SlaComparison {
	readonly derived: number;
	readonly derivedToEightCores: number;
	readonly ipa: number;
	readonly printed: number;
}

/** A figure of the paper beside the same figure of the derived profile. */
export interface PublishedComparison {
	readonly table: string;
	readonly entity: string;
	readonly unit: string;
	readonly published?: number;
	readonly derived?: number;
	/** Kind of the derived figure. */
	readonly kind: Kind;
}

/** Compares a derived stage with what IPA published of it, in one of its pipelines. */
function stageReport(
	{ name: pipeline, sla_divisor }: PipelineSource,
	{ source, points, rows, leaveCellOut, leaveVariantOut }: DerivedStage,
	threshold_rps: number,
	paper: CsvTable,
): StageReport {
	const { name, statistic, table, variants, borrowed } = source;
	const printed = requiredFigure(paper, "exact SLAs", `${pipeline}/${name}`, "stage SLA");
	const allocated = allocations(points, threshold_rps, printed);
	const toEightCores = points.filter(({ cores }) => cores <= 8);
	const measured = points.filter(({ kind }) => kind === "measured").length;
	return {
		stage: name,
		statistic,
		measured,
		modelled: points.length - measured,
		withoutCells: variants.flatMap((own) => (rows.some(({ variant }) => variant === own.name) ? [] : [own.name])),
		...(borrowed === undefined
			? {}
			: { borrowed: `${borrowed.slopes.join(", ")} of ${borrowed.from}: ${borrowed.because}` }),
		leaveCellOut,
		leaveVariantOut,
		baseAllocations: variants.map(({ name: variant, entity = variant }) => {
			const figures = {
				derived: allocated.get(variant),
				printed: publishedFigure(paper, table, entity, "base allocation"),
				exact: publishedFigure(paper, "exact base allocations", `${pipeline}/${name}: ${variant}`, "base allocation"),
			};
			return { variant, ...defined(figures) };
		}),
		sla_s: {
			derived: stageSla(points, ipaSlaFactor),
			derivedToEightCores: stageSla(toEightCores, ipaSlaFactor),
			ipa: printed * sla_divisor,
			printed,
		},
	};
}

/** Tables 2 to 4 beside the Video pipeline's derived stages. */
function tableComparisons([crop, classification]: readonly DerivedStage[], paper: CsvTable): PublishedComparison[] {
	if (crop === undefined || classification === undefined) return [];
	return [
		...latencies(
			paper,
			"Table 2",
			/^(?<variant>\w+) @ (?<cores>\d+) cores, batch (?<batch>\d+)$/,
			classification.points,
		),
		...latencies(paper, "Table 3", /: (?<variant>\w+) scale=\d+ batch=(?<batch>\d+)$/, [
			...crop.points,
			...classification.points,
		]),
		...[5, 10, 15].flatMap((threshold_rps) => tableFour(crop, threshold_rps, paper)),
	];
}

/** Latencies of a table, ms, beside the profile's; the cores are the entity's, or those of its printed cost. */
function latencies(
	paper: CsvTable,
	table: string,
	pattern: RegExp,
	points: readonly ProfilePoint[],
): PublishedComparison[] {
	const rows = paper.rows.filter(({ values }) => values.table === table && values.attribute === "latency");
	return rows.flatMap(({ values }) => {
		const entity = values.entity as string;
		const { variant, batch, cores = costCores(paper, table, entity) } = pattern.exec(entity)?.groups ?? {};
		const point = points.find(
			(own) => own.variant === variant && own.batch === Number(batch) && own.cores === Number(cores),
		);
		if (point === undefined) return [];
		return [
			{
				table,
				entity: `${entity}, ${cores} cores`,
				unit: "ms",
				published: Number(values.value),
				derived: 1000 * point.latency_s,
				kind: point.kind,
			},
		];
	});
}

/** Cores of a replica, of a cost printed as replicas x cores. */
function costCores({ rows }: CsvTable, table: string, entity: string): string | undefined {
	const cost = rows.find(
		({ values }) => values.table === table && values.entity === entity && values.attribute === "cost",
	);
	return cost?.values.value?.split("x")[1];
}

/** Base allocations of the detectors at a threshold, within the paper's SLA. */
function tableFour({ source, points }: DerivedStage, threshold_rps: number, paper: CsvTable): PublishedComparison[] {
	const sla_s = requiredFigure(paper, "exact SLAs", "video/crop", "stage SLA");
	const allocated = allocations(points, threshold_rps, sla_s);
	return source.variants.map(({ name }) => ({
		table: "Table 4",
		entity: `${name} at ${threshold_rps} requests/s`,
		unit: "cores",
		kind: "modelled" as const,
		...defined({
			published: publishedFigure(paper, "Table 4", name, `base allocation at ${threshold_rps} RPS`),
			derived: allocated.get(name),
		}),
	}));
}

/** Base allocations; of a stage that has none for a variant, those of the variants before it. */
function allocations(
	points: readonly ProfilePoint[],
	threshold_rps: number,
	sla_s: number,
): ReadonlyMap<string, number> {
	const variants = [
		...new Set(points.toSorted((a, b) => a.accuracy_pct - b.accuracy_pct).map(({ variant }) => variant)),
	];
	for (let count = variants.length; count > 0; count--) {
		const kept = new Set(variants.slice(0, count));
		try {
			return baseAllocations(
				points.filter(({ variant }) => kept.has(variant)),
				threshold_rps,
				sla_s,
			);
		} catch (error) {
			if (!(error instanceof BaseAllocationError)) throw error;
		}
	}
	return new Map();
}

function defined<T extends Record<string, number | undefined>>(figures: T): { [K in keyof T]?: number } {
	return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)) as {
		[K in keyof T]?: number;
	};
}

/** One of IPA's pipelines as a coherent profile, and how it compares with what IPA published. */
export interface DerivedProfile {
	readonly spec: PipelineSpec;
	readonly report: ProfileReport;
}

export interface ProfileReport {
	readonly stages: readonly StageReport[];
	/** Sum of the stage SLAs, s. */
	readonly sla_s: SlaComparison;
	/** Tables 2, 3 and 4 of the paper, which are about the Video pipeline. */
	readonly tables: readonly PublishedComparison[];
}

/**
 * Derives the profiles of IPA's five pipelines from data/raw: measured cells as `selectRows` picks them, the rest from
 * the latency model. Throughput is batch / latency, as IPA's regression step has it, so it is `modelled` wherever the
 * latency is.
 */
export async function deriveProfiles(dataRoot: string): Promise<DerivedProfile[]> {
	const tables = await readStageTables(dataRoot);
	const stages = deriveStages(tables);
	return tables.pipelines.map((source) => derive(source, stages, tables.paper));
}

function derive(source: PipelineSource, derived: ReadonlyMap<string, DerivedStage>, paper: CsvTable): DerivedProfile {
	const { name, weights, sla_divisor } = source;
	const stages = source.stages.map((stage) => derived.get(stage) as DerivedStage);
	const threshold_rps = requiredFigure(paper, "exact thresholds", name, "base-allocation threshold");
	const weight = (attribute: string) => requiredFigure(paper, "objective weights", weights, attribute);
	const reports = stages.map((stage) => stageReport(source, stage, threshold_rps, paper));
	const printed = requiredFigure(paper, "exact SLAs", name, "end-to-end SLA");
	const sum = (of: (sla_s: SlaComparison) => number) => reports.reduce((so, { sla_s }) => so + of(sla_s), 0);
	return {
		spec: {
			name,
			stages: stages.map(({ source: own, points }): StageProfile => {
				const [first] = own.variants;
				return { name: own.name, points, initial_variant: first?.name ?? "", initial_cores: 1 };
			}),
			threshold_rps,
			sla_factor: ipaSlaFactor,
			accuracy_method: "sum",
			normalize_accuracy: true,
			allocation_mode: "base",
			only_measured_profiles: true,
			scaling_cap: 100,
			weights: {
				alpha: weight("alpha (accuracy)"),
				beta: weight("beta (cost)"),
				gamma: weight("gamma = delta (batch)"),
				delta: 0,
			},
			arrival_rate_rps: 20,
			semantics: "published",
			baseline: "none",
		},
		report: {
			stages: reports,
			sla_s: {
				derived: sum(({ derived: stage_s }) => stage_s),
				derivedToEightCores: sum(({ derivedToEightCores }) => derivedToEightCores),
				ipa: printed * sla_divisor,
				printed,
			},
			tables: name === "video" ? tableComparisons(stages, paper) : [],
		},
	};
}
