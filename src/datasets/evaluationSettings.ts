import { z } from "zod";
import type { EvaluationSettings } from "../evaluation/settings.js";
import { schemaFault } from "./field.js";
import { readYaml } from "./file.js";

const share = z.number().min(0).max(1);
const moving = (value: z.ZodNumber) => z.strictObject({ value, moved: z.array(value), reason: z.string().min(10) });
const count = z.int().min(2);
const positive = z.number().min(0);

const reasoned = <T extends z.ZodType>(value: T) => z.strictObject({ value, reason: z.string().min(10) });

const schema = z.strictObject({
	seed: z.int(),
	bands: z
		.array(
			z.strictObject({
				name: z.string().min(1),
				multiples: z.array(z.union([z.number().positive(), z.literal("limit")])).min(1),
			}),
		)
		.min(1),
	formula_cells_shown: z.array(count),
	thresholds: z.strictObject({
		misranked_bound: moving(z.number().min(0).max(0.5)),
		level: moving(z.number().min(0.5).max(0.999)),
		minimum_variants: moving(count),
		minimum_machines: moving(count),
		minimum_outlasting: moving(share),
		stands_still_ties: moving(share),
		prior_variants: moving(positive),
		noise_z: moving(positive),
		error_least: moving(positive),
		error_unknown: moving(positive),
		tie_relative: moving(positive),
		tie_accuracy_points: moving(positive),
		idle_dedicated_low: moving(share),
		idle_dedicated_high: moving(share),
		idle_shared_low: moving(share),
		idle_shared_high: moving(share),
		idle_measured_most: moving(share),
		shared_least_left: moving(share),
		formula_cells: moving(count),
		formula_draws: moving(z.int().min(1)),
		formula_ridge: moving(z.number().positive()),
		most_stratum_cells: moving(z.int().min(3)),
	}),
	value: z.strictObject({
		weights: reasoned(z.array(z.tuple([positive, positive])).min(1)),
		gamma: reasoned(positive),
		tolerances: reasoned(z.array(share).min(1)),
		quantiles: reasoned(z.array(share).min(1)),
		resamples: reasoned(z.int().min(0)),
		trace_multiple: reasoned(z.number().positive()),
		trace_step_s: reasoned(z.int().min(1)),
	}),
});

/** Reads the study's thresholds and rates (data/evaluation.yaml); throws InputError naming the field. */
export async function readEvaluationSettings(file: string): Promise<EvaluationSettings> {
	const result = schema.safeParse(await readYaml(file));
	if (!result.success) throw schemaFault(file, result.error);
	return result.data;
}
