import { join } from "node:path";
import { type CsvTable, readCsv } from "../datasets/csv.js";
import { numberField } from "../datasets/field.js";
import { baseAllocations } from "../pipeline/allocation.js";
import type { ProfilePoint, StageProfile } from "../pipeline/profile.js";
import { stageSla } from "../pipeline/sla.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { fitLatencyModel, type LeftOutError, leaveCellOut, leaveVariantOut, modelledLatency } from "./latencyModel.js";
import { type ServingRow, selectRows } from "./profilePoints.js";

/** Published forward-pass GFLOPs at IPA's input sizes (ultralytics/yolov5 README, 640 px; torchvision, 224 px). */
const gflops: ReadonlyMap<string, number> = new Map([
	["yolov5n", 4.5],
	["yolov5s", 16.5],
	["yolov5m", 49.0],
	["yolov5l", 109.1],
	["yolov5x", 205.7],
	["resnet18", 1.81],
	["resnet34", 3.66],
	["resnet50", 4.09],
	["resnet101", 7.8],
	["resnet152", 11.51],
]);

const stages = [
	{ name: "crop", rows: "yolo", variants: ["yolov5n", "yolov5s", "yolov5m", "yolov5l", "yolov5x"] },
	{
		name: "classification",
		rows: "resnet-human",
		variants: ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"],
	},
] as const;

/** The grid that IPA profiles: allocations, and the batches of its search. */
const cores = [1, 2, 4, 8, 16, 32];
const batches = [1, 2, 4, 8, 16, 32, 64];

/** What the derivation found, beside the profile. */
export interface ProfileReport {
	readonly stage: string;
	readonly measured: number;
	readonly modelled: number;
	readonly withoutCells: readonly string[];
	readonly leaveCellOut: LeftOutError;
	readonly leaveVariantOut: LeftOutError;
	/** Base allocations by variant, ours and as published, cores. */
	readonly baseAllocations: readonly {
		readonly variant: string;
		readonly derived: number;
		readonly published: number;
	}[];
	/** Stage SLA (5 x mean latency of one image on the most cores of the base allocations), s. */
	readonly sla_s: { readonly derived: number; readonly published: number };
}

/** IPA's Video pipeline as one coherent profile, and how it compares with what IPA published. */
export interface DerivedProfile {
	readonly spec: PipelineSpec;
	readonly report: readonly ProfileReport[];
}

/**
 * Derives the Video profile from data/raw: measured cells as `selectRows` picks them, the rest from the latency model.
 * Throughput is batch / latency, as IPA's regression step has it, so it is `modelled` wherever the latency is.
 */
export async function deriveVideoProfile(dataRoot: string): Promise<DerivedProfile> {
	const profiles = await readCsv(join(dataRoot, "raw/ipa-profiles/ipa-video-profiles.csv"));
	const paper = await readCsv(join(dataRoot, "raw/ipa-paper/ipa-paper-tables.csv"));
	const threshold_rps = published(paper, "exact thresholds", "video", "base-allocation threshold");
	const derived = stages.map((stage) => {
		const rows = selectRows(servingRows(profiles, stage.rows));
		const model = fitLatencyModel(rows, gflops);
		const points = stage.variants.flatMap((variant) => {
			const accuracy_pct = published(paper, "accuracies.yaml", variant, `video/${stage.name} accuracy`);
			return cores.flatMap((own) =>
				batches.map((batch): ProfilePoint => {
					const row = rows.find((cell) => cell.variant === variant && cell.cores === own && cell.batch === batch);
					const latency_s = row?.latency_p99_s ?? modelledLatency(model, { variant, cores: own, batch }, gflops);
					const kind = row === undefined ? "modelled" : "measured";
					return { variant, accuracy_pct, cores: own, batch, latency_s, throughput_rps: batch / latency_s, kind };
				}),
			);
		});
		const profile: StageProfile = { name: stage.name, points, initial_variant: stage.variants[0], initial_cores: 1 };
		const sla_s = published(paper, "exact SLAs", `video/${stage.name}`, "stage SLA");
		const allocated = baseAllocations(points, threshold_rps, sla_s);
		const measured = points.filter(({ kind }) => kind === "measured").length;
		const report: ProfileReport = {
			stage: stage.name,
			measured,
			modelled: points.length - measured,
			withoutCells: stage.variants.filter((variant) => !rows.some((row) => row.variant === variant)),
			leaveCellOut: leaveCellOut(rows, gflops),
			leaveVariantOut: leaveVariantOut(rows, gflops),
			baseAllocations: stage.variants.map((variant) => ({
				variant,
				derived: allocated.get(variant) as number,
				published: published(paper, "exact base allocations", `video/${stage.name}: ${variant}`, "base allocation"),
			})),
			sla_s: { derived: stageSla(points, 1), published: sla_s },
		};
		return { profile, report };
	});
	const weight = (attribute: string) =>
		published(paper, "objective weights", "video (sum of normalised ranks)", attribute);
	return {
		spec: {
			name: "video",
			stages: derived.map(({ profile }) => profile),
			threshold_rps,
			sla_factor: 5,
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
		report: derived.map(({ report }) => report),
	};
}

/** Rows of a stage that are whole: not oversubscribed, with a 99th percentile, one replica, all dimensions known. */
function servingRows({ rows }: CsvTable, stage: string): ServingRow[] {
	return rows.flatMap((row) => {
		const { values } = row;
		const whole =
			values.stage === stage &&
			values.thread_oversubscribed === "no" &&
			["cpu_cores", "max_batch_size", "load_rps", "latency_p99_s"].every((column) => values[column] !== "") &&
			(values.replicas === "1" || values.replicas === "");
		if (!whole) return [];
		return [
			{
				variant: values.model_variant as string,
				cores: numberField(row, "cpu_cores", "positive"),
				batch: numberField(row, "max_batch_size", "positive integer"),
				load_rps: numberField(row, "load_rps", "positive"),
				series: values.series as string,
				quality: values.quality as string,
				latency_p99_s: numberField(row, "latency_p99_s", "positive"),
				line: row.line,
			},
		];
	});
}

function published({ rows, file }: CsvTable, table: string, entity: string, attribute: string): number {
	const row = rows.find(
		({ values }) => values.table === table && values.entity === entity && values.attribute === attribute,
	);
	if (row === undefined) throw new Error(`${file} has no ${table}, ${entity}, ${attribute}`);
	return numberField(row, "value", "none");
}
