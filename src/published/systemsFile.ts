import { z } from "zod";
import type { System } from "../adaptation/systems.js";
import { readChecked } from "../datasets/checked.js";
import { InputError } from "../errors.js";
import { predictorNames } from "../forecast/predictors.js";

const weight = z.number().min(0);
const positive = z.number().positive();
const replicas = z.int().min(1);

const settings = z.strictObject({
	mode: z.enum(["none", "scale", "switch"]).optional(),
	variants: z.union([z.enum(["lightest", "heaviest"]), z.array(z.string()).min(1)]).optional(),
	replicas: z.union([replicas, z.array(replicas).min(1)]).optional(),
	cores: z.array(positive).min(1).optional(),
	weights: z
		.strictObject({
			alpha: weight.optional(),
			beta: weight.optional(),
			gamma: weight.optional(),
			delta: weight.optional(),
		})
		.optional(),
	energy: z.boolean().optional(),
	threshold_rps: weight.optional(),
	base_allocations: z.record(z.string(), z.record(z.string(), positive)).optional(),
	margins: z
		.strictObject({ throughput_pct: z.number().gt(-100).optional(), latency_pct: z.number().gt(-100).optional() })
		.optional(),
	predictor: z.enum(predictorNames).optional(),
	predictor_margin_pct: z.number().gt(-100).optional(),
});

/** A system as a file has it: `like` names one that it is the same as but for what it says itself. */
export const systemSchema = settings.extend({
	name: z.string().regex(/^[A-Za-z0-9][\w.-]*$/, "must be a name of letters, digits, ., _ and -"),
	like: z.string().optional(),
	windows: z.record(z.string(), settings).optional(),
});

type SystemRecord = z.infer<typeof systemSchema>;

const schema = z.strictObject({ systems: z.array(systemSchema).min(1) });

/**
 * Reads a user's own systems (docs/systems.md): a YAML file with a list `systems`. They stand beside the given ones; one
 * of the same name stands in its place.
 *
 * @param beside the systems that they are compared with, and that `like` may name
 * @throws InputError naming the field that breaks a rule, or the system that `like` does not find
 */
export async function readSystems(file: string, beside: readonly System[]): Promise<readonly System[]> {
	return systemsOf(file, (await readChecked(file, schema)).systems, beside);
}

/** Records with what `like` names filled in, in order; of two of a name the later one. */
export function systemsOf(
	file: string,
	records: readonly SystemRecord[],
	beside: readonly System[] = [],
): readonly System[] {
	const systems = new Map(beside.map((system) => [system.name, system]));
	const own = new Set<string>();
	for (const [i, { like, ...record }] of records.entries()) {
		const { name } = record;
		if (own.has(name))
			throw new InputError({ file, field: `systems.${i}.name`, rule: "must be there once", value: name });
		own.add(name);
		const model = like === undefined ? undefined : systems.get(like);
		if (like !== undefined && model === undefined)
			throw new InputError({
				file,
				field: `systems.${i}.like`,
				rule: `must be one of ${[...systems.keys()].join(", ") || "the systems above it"}`,
				value: like,
			});
		// What a schema marks optional is absent, never undefined: JSON has no undefined, and YAML's null is refused.
		systems.set(name, { ...model, ...record } as System);
	}
	return [...systems.values()];
}
