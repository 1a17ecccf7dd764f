import { dirname, join } from "node:path";
import { z } from "zod";
import type { Comparison } from "../adaptation/compareSystems.js";
import { type System, settingsIn } from "../adaptation/systems.js";
import { checked } from "../datasets/checked.js";
import { csvField } from "../datasets/csv.js";
import { readYaml } from "../datasets/file.js";
import { readRows } from "../datasets/readRows.js";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { predictorNames } from "../forecast/predictors.js";
import { readStageTables } from "../profiles/stageProfile.js";
import { weakestKind } from "../units.js";
import { type PublishedCell, type PublishedPoint, publishedPoints } from "./publishedPoints.js";
import { systemSchema, systemsOf } from "./systemsFile.js";

/** IPA's pipelines, and its two families of figures by how accuracy counts. */
export const presetPipelines = ["video", "audio-qa", "audio-sent", "sum-qa", "nlp"] as const;
export const presetFamilies = ["sum", "product"] as const;
export type PresetPipeline = (typeof presetPipelines)[number];
export type PresetFamily = (typeof presetFamilies)[number];

/** Where a setting is from: IPA states it, it was measured, it was computed, or it follows from what IPA's figures show. */
export interface Told {
	readonly kind: "published" | "measured" | "modelled" | "inferred";
	readonly source: string;
}

const positive = z.number().positive();
const cell = z.strictObject({ accuracy_pct: z.number().min(0).max(100), cores: positive });
const schema = z.strictObject({
	extends: z.string().optional(),
	pipeline: z.enum(presetPipelines),
	family: z.enum(presetFamilies),
	figures: z.array(z.string()).min(1),
	objective: z.strictObject({ alpha: z.number().min(0), beta: z.number().min(0), gamma: z.number().min(0) }),
	accuracy: z.strictObject({
		method: z.enum(["sum", "average", "product"]),
		ranks: z.boolean(),
		lowest: z.number().min(0).max(1).optional(),
	}),
	of_equal_optima: z.enum(["fewest-changes", "most-accurate", "cheapest"]),
	sla_s: positive,
	late_after_s: positive,
	drop_after_s: positive,
	threshold_rps: z.number().min(0),
	sla_factor: positive,
	scaling_cap: z.int().min(1),
	batching_cap: z.int().min(1),
	margins: z.strictObject({ throughput_pct: z.number().gt(-100), latency_pct: z.number().gt(-100) }),
	predictor: z.strictObject({ name: z.enum(predictorNames), margin_pct: z.number().gt(-100) }),
	stages: z
		.array(
			z.strictObject({
				name: z.string(),
				profile: z.strictObject({ series: z.int(), load_rps: positive, batches: z.array(z.int().min(1)).min(1) }),
				variants: z.record(z.string(), cell),
			}),
		)
		.min(1),
	initial: z.strictObject({
		variants: z.array(z.string()),
		cores: z.array(positive),
		replicas: z.array(z.int().min(1)),
	}),
	systems: z.array(systemSchema).min(1),
	told: z.record(
		z.string(),
		z.strictObject({ kind: z.enum(["published", "measured", "modelled", "inferred"]), source: z.string().min(5) }),
	),
});

/** A preset's file, with what it extends filled in. */
export type PresetFile = z.infer<typeof schema>;

/** One of IPA's pipelines as its published runs of a family had it: what `compareSystems` needs, and where it is from. */
export interface Preset extends Comparison {
	readonly file: PresetFile;
	readonly systems: readonly System[];
	readonly late_after_s: number;
	readonly drop_after_s: number;
	readonly points: readonly PublishedPoint[];
	/** Where a setting is from, by its path in the file ("systems.2.windows"): see `toldOf`. */
	readonly told: Readonly<Record<string, Told>>;
}

/** The points of all presets, rebuilt by `sustainable-ipa profiles`. */
export const publishedPointsFile = join(packageRoot, "data/derived/published-points.csv");

/**
 * Reads one of IPA's pipelines as its published runs had it: data/published/PIPELINE-FAMILY.yaml, and the points that it
 * names in data/derived/published-points.csv.
 *
 * @throws InputError naming the file and the field or the point that is missing or breaks a rule
 * @example
 * const { spec } = await pipeline.readPreset("sum-qa");
 * spec.stages.map(({ name }) => name); // → ["nlp-sum", "nlp-qa"]
 */
export async function readPreset(pipeline: PresetPipeline, family: PresetFamily = "sum"): Promise<Preset> {
	const path = join(packageRoot, "data/published", `${pipeline}-${family}.yaml`);
	const file = await readPresetFile(path);
	const systems = systemsOf(path, file.systems);
	const all = await readRows(publishedPointsFile, columns);
	const points = presetCells(file, systems).map((cell): PublishedPoint => {
		const found = all.find((point) => key(point) === key(cell));
		if (found === undefined)
			throw new InputError({ file: publishedPointsFile, rule: `must have the point ${key(cell)}` });
		return { latency_source: "", throughput_source: "", ...found };
	});
	const { accuracy, initial, objective } = file;
	return {
		file,
		systems,
		predictor: file.predictor.name,
		predictor_margin_pct: file.predictor.margin_pct,
		late_after_s: file.late_after_s,
		drop_after_s: file.drop_after_s,
		ofEqualOptima: file.of_equal_optima,
		points,
		told: file.told,
		spec: {
			name: pipeline,
			stages: file.stages.map(({ name, variants }, s) => ({
				name,
				initial_variant: initial.variants[s] as string,
				initial_cores: initial.cores[s] as number,
				initial_replicas: initial.replicas[s] as number,
				base_allocations: Object.fromEntries(Object.entries(variants).map(([variant, { cores }]) => [variant, cores])),
				points: points
					.filter(({ stage }) => stage === name)
					.map(({ variant, cores, batch, latency_s, throughput_rps, latency_kind, throughput_kind }) => ({
						variant,
						accuracy_pct: (variants[variant] as { accuracy_pct: number }).accuracy_pct,
						cores,
						batch,
						latency_s,
						throughput_rps,
						kind: weakestKind([latency_kind, throughput_kind]),
					})),
			})),
			threshold_rps: file.threshold_rps,
			sla_factor: file.sla_factor,
			sla_s: file.sla_s,
			accuracy_method: accuracy.method,
			normalize_accuracy: accuracy.ranks,
			...(accuracy.lowest === undefined ? {} : { lowest_accuracy: accuracy.lowest }),
			allocation_mode: "base",
			only_measured_profiles: true,
			margins: file.margins,
			scaling_cap: file.scaling_cap,
			batching_cap: file.batching_cap,
			weights: { ...objective, delta: 0 },
			arrival_rate_rps: 20,
			semantics: "published",
			baseline: "none",
		},
	};
}

/** Reads and checks a preset's YAML, with the file that it extends under it; `told` is merged entry by entry. */
async function readPresetFile(path: string): Promise<PresetFile> {
	const content = (await readYaml(path)) as { extends?: string; told?: object };
	const base =
		typeof content?.extends === "string" ? await readPresetFile(join(dirname(path), content.extends)) : undefined;
	const merged = base === undefined ? content : { ...base, ...content, told: { ...base.told, ...content.told } };
	return checked(schema, merged, path);
}

/**
 * Where a setting is from: the entry of the longest path that begins its own ("sla_s", "stages.0.variants.yolov5n"), or
 * undefined where none does, which a shipped preset has nowhere.
 */
export function toldOf(told: Readonly<Record<string, Told>>, path: string): Told | undefined {
	const parts = path.split(".");
	for (let length = parts.length; length > 0; length--) {
		const own = told[parts.slice(0, length).join(".")];
		if (own !== undefined) return own;
	}
	return undefined;
}

/** Every cell that a preset plans with or starts from, once. */
function presetCells(file: PresetFile, systems: readonly System[]): PublishedCell[] {
	const cells = new Map<string, PublishedCell>();
	for (const [s, { name: stage, profile, variants }] of file.stages.entries()) {
		const add = (variant: string | undefined, cores: number | undefined, batches: readonly number[]) => {
			if (variant === undefined || cores === undefined) return;
			for (const batch of batches) {
				const cell = { stage, variant, cores, batch, load_rps: profile.load_rps };
				if (!cells.has(key(cell))) cells.set(key(cell), cell);
			}
		};
		const settings = systems.flatMap((system) => [
			settingsIn(system, undefined),
			...Object.keys(system.windows ?? {}).map((window) => settingsIn(system, window)),
		]);
		for (const [variant, { cores }] of Object.entries(variants)) {
			add(variant, cores, profile.batches);
			for (const { base_allocations } of settings) add(variant, base_allocations?.[stage]?.[variant], profile.batches);
		}
		// What runs at the start runs in the smallest batches.
		for (const own of [file.initial, ...settings]) {
			const started = typeof own.variants === "string" ? undefined : own.variants;
			add((started ?? file.initial.variants)[s], (own.cores ?? file.initial.cores)[s], profile.batches.slice(0, 1));
		}
	}
	return [...cells.values()];
}

function key({ stage, variant, cores, batch, load_rps }: PublishedCell): string {
	return `${stage}: ${variant} on ${cores} cores, batch ${batch}, profiled at ${load_rps} requests/s`;
}

const kinds = ["measured", "modelled"] as const;
const columns = {
	stage: "text",
	variant: "text",
	cores: "positive",
	batch: "positive integer",
	load_rps: "positive",
	latency_s: "positive",
	latency_kind: kinds,
	latency_source: "text?",
	throughput_rps: "positive",
	throughput_kind: kinds,
	throughput_source: "text?",
} as const;

/** The points of every shipped preset, from data/raw: see `publishedPoints`. */
export async function derivePublishedPoints(dataRoot: string): Promise<PublishedPoint[]> {
	const cells = new Map<string, PublishedCell>();
	for (const pipeline of presetPipelines)
		for (const family of presetFamilies) {
			const path = join(dataRoot, "published", `${pipeline}-${family}.yaml`);
			const file = await readPresetFile(path);
			for (const cell of presetCells(file, systemsOf(path, file.systems))) cells.set(JSON.stringify(cell), cell);
		}
	return publishedPoints([...cells.values()], await readStageTables(dataRoot));
}

/** Points as the text of data/derived/published-points.csv. */
export function publishedPointsCsv(points: readonly PublishedPoint[]): string {
	const names = Object.keys(columns) as (keyof typeof columns)[];
	return [names, ...points.map((point) => names.map((name) => csvField(point[name])))]
		.map((line) => `${line.join(",")}\n`)
		.join("");
}
