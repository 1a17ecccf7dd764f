import { join } from "node:path";
import { z } from "zod";
import { type Factor, factor } from "../carbon/factor.js";
import type { Hardware } from "../carbon/sci.js";
import { readYaml } from "./file.js";
import { packageRoot } from "./root.js";
import { schemaFault } from "./schemaFault.js";

const schema = z
	.strictObject({
		value: z.number().positive(),
		low: z.number().positive(),
		high: z.number().positive(),
		kind: z.enum(["measured", "digitised", "modelled"]),
		source: z.string().min(3),
	})
	.refine(({ value, low, high }) => low <= value && value <= high, "must have low <= value <= high");

const fileSchema = z.strictObject({
	pue: schema.refine(({ low }) => low >= 1, "a PUE is 1 or more"),
	lifetime_years: schema,
	hardware: z.record(z.string(), z.strictObject({ device: z.enum(["cpu", "gpu"]), embodied_g: schema })),
});

/** What a footprint is made of besides energy and place: data/footprint.yaml. */
export interface FootprintFactors {
	readonly pue: Factor;
	/** By name; each is for cores (cpu) or boards (gpu). */
	readonly hardware: ReadonlyMap<string, Hardware & { readonly device: "cpu" | "gpu" }>;
}

/** Reads the factors; InputError naming the field that breaks a rule. */
export async function readFootprintFactors(
	file: string = join(packageRoot, "data/footprint.yaml"),
): Promise<FootprintFactors> {
	const content = await readYaml(file);
	const result = fileSchema.safeParse(content);
	if (!result.success) throw schemaFault(file, result.error, content);
	const of = (unit: string, { value, kind, source, low, high }: z.infer<typeof schema>) =>
		factor(value, unit, kind, source, { low, high });
	const lifetime_years = of("years", result.data.lifetime_years);
	return {
		pue: of("1", result.data.pue),
		hardware: new Map(
			Object.entries(result.data.hardware).map(([name, { device, embodied_g }]) => [
				name,
				{ piece: name, device, embodied_g: of("gCO2e", embodied_g), lifetime_years },
			]),
		),
	};
}
