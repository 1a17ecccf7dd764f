import { z } from "zod";
import { checked } from "../datasets/checked.js";
import { readBytes } from "../datasets/file.js";
import { parseJson } from "../datasets/parseText.js";
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
	variant: z.string().min(1),
	accuracy_pct: z.number().min(0).max(100),
	cores: z.number().positive(),
	batch: z.int().min(1),
	latency_s: z.number().positive(),
	throughput_rps: z.number().positive(),
	kind,
	energy: energy.optional(),
});

const stage = z.strictObject({
	name: z.string().min(1),
	points: z.array(point).min(1).max(5000),
	initial_variant: z.string(),
	initial_cores: z.number().positive(),
	initial_replicas: z.int().min(1).optional(),
	base_allocations: z.record(z.string(), z.number().positive()).optional(),
});

const weight = z.number().min(0);

const spec = z.strictObject({
	name: z.string(),
	stages: z.array(stage).min(1).max(64),
	threshold_rps: z.number().min(0),
	sla_factor: z.number().positive(),
	sla_s: z.number().positive().optional(),
	accuracy_method: z.enum(["sum", "average", "product"]),
	normalize_accuracy: z.boolean(),
	lowest_accuracy: z.number().min(0).max(1).optional(),
	allocation_mode: z.enum(["base", "fix", "variable"]),
	only_measured_profiles: z.boolean(),
	margins: z
		.strictObject({ throughput_pct: z.number().gt(-100).optional(), latency_pct: z.number().gt(-100).optional() })
		.optional(),
	scaling_cap: z.int().min(1),
	batching_cap: z.int().min(1).optional(),
	weights: z.strictObject({ alpha: weight, beta: weight, gamma: weight, delta: weight }),
	arrival_rate_rps: z.number().min(0),
	node: z.strictObject({ floor_w: z.number().min(0), floor_se_w: z.number().min(0).optional(), kind }).optional(),
	semantics: z.enum(["published", "ipa-e1f08dd"]),
	baseline: z.enum(["none", "switch", "scale"]),
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
	pipeline: spec,
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

/** Reads a pipeline's JSON text; throws InputError naming the field's path, the rule and the value, or the line that is not JSON. */
export function parseSpec(file: string, text: string): PipelineSpec {
	return checked(spec, parseJson(file, text), file, { text }) as PipelineSpec;
}

/** Reads a request's JSON text; throws InputError as parseSpec does. */
export function parseRequest(file: string, text: string): OptimizeRequest {
	return checked(request, parseJson(file, text), file) as OptimizeRequest;
}

/**
 * Reads a pipeline's JSON file (docs/protocol.md) or an experiment's YAML in a checkout of IPA (docs/ipa-files.md), or
 * that of IPA's Video pipeline where none is named.
 *
 * @param options of IPA's YAML; `arrival_rate_rps` holds for both
 */
export async function readPipeline(file?: string, options: IpaPipelineOptions = {}): Promise<PipelineSpec> {
	const path = pipelineFile(file);
	if (/\.ya?ml$/.test(path)) return readIpaPipeline(path, options);
	const spec = parseSpec(path, (await readBytes(path)).toString("utf8"));
	return options.arrival_rate_rps === undefined ? spec : { ...spec, arrival_rate_rps: options.arrival_rate_rps };
}
