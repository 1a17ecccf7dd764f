import { z } from "zod";
import { checked } from "../datasets/checked.js";
import { readBytes } from "../datasets/file.js";
import { parseJson, parseYaml } from "../datasets/parseText.js";
import { pipelineFile } from "../datasets/root.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import type { Bounds } from "../search/optimum.js";
import { type IpaPipelineOptions, readIpaPipeline } from "./readIpaPipeline.js";

const kind = z.enum(["measured", "digitised", "modelled"]);

const energy = z.strictObject({
	energy_j_per_batch: z.number().positive(),
	idle_power_w: z.number().min(0),
	energy_se_j_per_batch: z.number().min(0).optional(),
	error_source: z.string().optional(),
	kind,
	idle_kind: kind.optional(),
	calibration: z.string().min(1).optional(),
});

const point = z.strictObject({
	variant: z.string().min(1).describe("name of a model"),
	accuracy_pct: z.number().min(0).max(100).describe("its accuracy, 0 to 100"),
	cores: z.number().positive().describe("cores of a replica"),
	batch: z.int().min(1).describe("requests a batch"),
	latency_s: z.number().positive().describe("time of a batch, s"),
	throughput_rps: z.number().positive().describe("requests/s of a replica"),
	kind: kind.describe("of latency and throughput: measured, digitised or modelled"),
	energy: energy.optional(),
});

const stage = z.strictObject({
	name: z.string().min(1).describe("name of the stage"),
	points: z.array(point).min(1).max(5000).describe("what was measured: a point a variant, allocation and batch"),
	initial_variant: z.string().optional().describe("variant that runs first; default: the first point's"),
	initial_cores: z.number().positive().optional().describe("cores that it runs on; default: the first point's"),
	initial_replicas: z.int().min(1).optional(),
	base_allocations: z.record(z.string(), z.number().positive()).optional(),
});

const weight = z.number().min(0);

/** A pipeline's file. */
export const pipelineSchema = z.strictObject({
	name: z.string().describe("name of the pipeline"),
	stages: z.array(stage).min(1).max(64).describe("the stages in their order"),
	threshold_rps: z.number().min(0).describe("requests/s a replica must carry"),
	sla_factor: z
		.number()
		.positive()
		.default(1)
		.describe("SLA of a stage = 5 x sla_factor x mean latency of its variants"),
	sla_s: z.number().positive().optional().describe("SLA of the pipeline, s, in place of the sum over its stages"),
	accuracy_method: z.enum(["sum", "average", "product"]).default("sum"),
	normalize_accuracy: z.boolean().default(true),
	lowest_accuracy: z.number().min(0).max(1).optional(),
	allocation_mode: z.enum(["base", "fix", "variable"]).default("base"),
	only_measured_profiles: z.boolean().default(true),
	margins: z
		.strictObject({ throughput_pct: z.number().gt(-100).optional(), latency_pct: z.number().gt(-100).optional() })
		.optional(),
	scaling_cap: z.int().min(1).default(100).describe("most replicas of a stage"),
	batching_cap: z.int().min(1).optional(),
	weights: z
		.strictObject({
			alpha: weight.describe("weight of accuracy"),
			beta: weight.describe("weight of cost, 1/core"),
			gamma: weight.default(0).describe("weight of the sum of batches"),
			delta: weight.default(0).describe("weight of energy, 1/J"),
		})
		.describe("of the objective: alpha x accuracy - beta x cost - gamma x batches - delta x energy"),
	arrival_rate_rps: z.number().min(0).describe("requests/s that arrive"),
	node: z.strictObject({ floor_w: z.number().min(0), floor_se_w: z.number().min(0).optional(), kind }).optional(),
	semantics: z.enum(["published", "ipa-e1f08dd"]).default("published"),
	baseline: z.enum(["none", "switch", "scale"]).default("none"),
	prices: z
		.strictObject({
			eur_per_kwh: z.number().min(0),
			eur_per_core_hour: z.number().positive(),
			pue: z.number().min(1).optional(),
		})
		.optional(),
});

const bounds = z.strictObject({
	max_energy_j_per_request: z.number().positive().optional(),
	max_power_w: z.number().positive().optional(),
	max_cost_cores: z.number().positive().optional(),
	min_accuracy: z.number().optional(),
	max_latency_s: z.number().positive().optional(),
});

const request = z.strictObject({
	id: z.union([z.string(), z.number()], "must be a string or a number").optional(),
	pipeline: pipelineSchema,
	bounds: bounds.optional(),
	k: z.int().min(1).max(10_000).optional(),
	ties: z.boolean().optional(),
	time_limit_s: z.number().positive().max(600).optional(),
});

/** One question to `optimize`, as JSON (docs/protocol.md). */
export interface OptimizeRequest {
	readonly id?: string | number;
	readonly pipeline: PipelineSpec;
	readonly bounds?: Bounds;
	readonly k?: number;
	readonly ties?: boolean;
	/** Time that the search may take, s. */
	readonly time_limit_s?: number;
}

/** The pipeline, with the first point where nothing says what a stage runs first. */
function specOf({ stages, ...rest }: z.infer<typeof pipelineSchema>): PipelineSpec {
	const started = stages.map((own) => {
		const [first] = own.points;
		return { initial_variant: first?.variant, initial_cores: first?.cores, ...own };
	});
	return { ...rest, stages: started } as PipelineSpec;
}

/** The pipeline of a JSON or YAML text; throws InputError of every fault: line and column, the field's path, the rule and the value. */
export function parseSpec(file: string, text: string, content = parseJson(file, text)): PipelineSpec {
	return specOf(checked(pipelineSchema, content, file, { text }));
}

/** Reads a request's JSON text; throws InputError as parseSpec does. */
export function parseRequest(file: string, text: string): OptimizeRequest {
	const { pipeline, ...asked } = checked(request, parseJson(file, text), file);
	return { ...asked, pipeline: specOf(pipeline) } as OptimizeRequest;
}

/**
 * Reads a pipeline's JSON or YAML file (docs/protocol.md; YAML with a list `stages`), an experiment's YAML in a checkout of
 * IPA (docs/ipa-files.md), or the file of IPA's Video pipeline where none is named.
 *
 * @param options of IPA's YAML; `arrival_rate_rps` holds for both
 * @example
 * const video = await pipeline.readPipeline();
 * [video.name, ...video.stages.map(({ name }) => name)]; // → ["video", "crop", "classification"]
 */
export async function readPipeline(file?: string, options: IpaPipelineOptions = {}): Promise<PipelineSpec> {
	const path = pipelineFile(file);
	const text = (await readBytes(path)).toString("utf8");
	const yaml = /\.ya?ml$/.test(path);
	if (yaml && !/^["']?stages["']?\s*:/m.test(text)) return readIpaPipeline(path, options);
	const spec = parseSpec(path, text, yaml ? parseYaml(path, text) : undefined);
	return options.arrival_rate_rps === undefined ? spec : { ...spec, arrival_rate_rps: options.arrival_rate_rps };
}
