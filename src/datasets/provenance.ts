import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { InputError } from "../errors.js";
import type { Provenance } from "../evaluation/evidence.js";
import { mappingSchema } from "./mapping.js";

const sentence = z.string().min(3);

/** Schema of provenance.yaml. `evidence` says how the table maps to cells; without it the dataset holds no energies. */
export const provenanceSchema = z.strictObject({
	dataset: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "must be lower-case letters, digits and hyphens"),
	title: sentence,
	source: sentence,
	commit: sentence,
	path: sentence,
	hardware: sentence,
	energy_method: sentence,
	kind: z.enum(["measured", "digitised", "modelled"]),
	units: z.record(z.string(), z.string()),
	licence: sentence,
	caveats: z.array(sentence),
	files: z
		.array(z.strictObject({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits") }))
		.min(1),
	barred: sentence.optional(),
	flags: z
		.array(z.strictObject({ name: z.string(), meaning: sentence, severity: z.enum(["fault", "suspect"]) }))
		.default([]),
	evidence: mappingSchema.optional(),
});

export type ProvenanceFile = z.infer<typeof provenanceSchema>;

/**
 * Reads and checks a dataset's provenance.yaml, and that each file it lists is the one it was written for (sha256).
 * Throws InputError naming the file and field.
 */
export async function readProvenance(folder: string): Promise<ProvenanceFile> {
	const file = join(folder, "provenance.yaml");
	const result = provenanceSchema.safeParse(parseYaml(file, await readFile(file, "utf8")));
	if (!result.success) {
		const [issue] = result.error.issues;
		throw new InputError({ file, field: issue?.path.join(".") ?? "", rule: issue?.message ?? "must match the schema" });
	}
	const provenance = result.data;
	for (const { name, sha256 } of provenance.files) {
		if (name !== basename(name))
			throw new InputError({ file, field: "files", rule: "must name files of its own folder", value: name });
		const path = join(folder, name);
		const found = createHash("sha256")
			.update(await readFile(path))
			.digest("hex");
		if (found !== sha256)
			throw new InputError({ file: path, rule: `must have the sha256 ${sha256} of its provenance`, value: found });
	}
	return provenance;
}

/** The part of a provenance file that travels with the cells. */
export function provenanceOf({ evidence: _, barred, ...rest }: ProvenanceFile): Provenance {
	return { ...rest, ...(barred === undefined ? {} : { barred }) };
}

function parseYaml(file: string, text: string): unknown {
	try {
		return parse(text);
	} catch (cause) {
		throw new InputError({ file, rule: "must be YAML" }, { cause });
	}
}
