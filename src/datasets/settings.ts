import { z } from "zod";
import type { EvaluationSettings } from "../evaluation/settings.js";
import { readYaml } from "./file.js";
import { schemaFault } from "./schemaFault.js";

const share = z.number().min(0).max(1);
const threshold = (value: z.ZodNumber) => z.strictObject({ value, reason: z.string().min(10) });
const values = z.array(z.number()).min(1);

const schema = z.strictObject({
	seed: z.int(),
	resamples: z.int().min(100).max(1_000_000),
	level: z.number().min(0.5).max(0.999),
	thresholds: z.strictObject({
		coupled_correlation: threshold(share),
		coupled_discordance: threshold(share),
		coupled_explained: threshold(share),
		minimum_clusters: threshold(z.int().min(2)),
		material_regret: threshold(share),
	}),
	sensitivity: z.strictObject({
		coupled_correlation: values,
		coupled_discordance: values,
		coupled_explained: values,
		minimum_clusters: values,
		material_regret: values,
	}),
	agreement_tolerances: z.array(share).min(1),
	regret: z.strictObject({
		alpha: values,
		beta: values,
		gamma: values,
		sla_quantiles: z.array(share).min(1),
		rate_multiples: z.array(z.number().positive()).min(1),
		objective_tolerances: z.array(share).min(1),
	}),
});

/** Reads the verdict's thresholds and scenarios (data/evaluation.yaml); throws InputError naming the field. */
export async function readEvaluationSettings(file: string): Promise<EvaluationSettings> {
	const result = schema.safeParse(await readYaml(file));
	if (!result.success) throw schemaFault(file, result.error);
	return result.data;
}
