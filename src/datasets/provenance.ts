import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.js";
import { knobAxes, type Provenance } from "../evaluation/evidence.js";
import { readChecked } from "./checked.js";
import { readBytes } from "./file.js";
import { mappingSchema } from "./mapping.js";

/** A file of the dataset's own folder: a path could leave it. */
const fileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, "must name a file of its own folder");

const sentence = z.string().min(3);

/** Schema of provenance.yaml. `evidence` says how the table maps to cells; without it the dataset holds no energies. */
export const provenanceSchema = z
	.strictObject({
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
			.array(z.strictObject({ name: fileName, sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits") }))
			.min(1),
		barred: sentence.optional(),
		/** Of a pipeline under a load, judged by itself and not cell against cell: which of the files are what. */
		deployment: z
			.strictObject({
				logs: z.array(fileName).min(1),
				runs: fileName.optional(),
				decisions: fileName.optional(),
				/** Requests sent in each second: a file of another dataset, `twitter/twitter-workload-windows.csv`. */
				trace: z.string().regex(/^[a-z0-9-]+\/[A-Za-z0-9_][A-Za-z0-9._-]*$/, "must be DATASET/FILE"),
			})
			.optional(),
		flags: z
			.array(z.strictObject({ name: z.string(), meaning: sentence, severity: z.enum(["fault", "suspect"]) }))
			.default([]),
		/** What the knobs of the cells are, by name: which of the study's columns each belongs to. */
		knobs: z
			.record(z.string(), z.strictObject({ axis: z.enum(knobAxes), allocation_follows: z.boolean().optional() }))
			.optional(),
		evidence: mappingSchema.optional(),
	})
	.superRefine(({ files, flags, knobs, evidence }, context) => {
		if (evidence === undefined) return;
		if (!files.some(({ name }) => name === evidence.file))
			context.addIssue({
				code: "custom",
				path: ["evidence", "file"],
				message: "must be one of the files listed, with its sha256",
			});
		if (evidence.form === "cells") return;
		for (const name of Object.keys(knobs ?? {}))
			if (!evidence.tables.some((table) => Object.hasOwn(table.knobs, name)))
				context.addIssue({
					code: "custom",
					path: ["knobs", name],
					message: "must be a knob of one of the tables",
				});
		evidence.tables.forEach((table, i) => {
			for (const name of Object.keys(table.flags))
				if (!flags.some((flag) => flag.name === name))
					context.addIssue({
						code: "custom",
						path: ["evidence", "tables", i, "flags", name],
						message: "must be declared in flags, with its meaning and severity",
					});
		});
	});

export type ProvenanceFile = z.infer<typeof provenanceSchema>;

/**
 * Reads and checks a dataset's provenance.yaml, and that each file it lists is the one it was written for (sha256).
 * Throws InputError naming the file and field.
 */
export async function readProvenance(folder: string): Promise<ProvenanceFile> {
	const file = join(folder, "provenance.yaml");
	const provenance = await readChecked(file, provenanceSchema);
	for (const { name, sha256 } of provenance.files) {
		const path = join(folder, name);
		const found = createHash("sha256")
			.update(await readBytes(path))
			.digest("hex");
		if (found !== sha256)
			throw new InputError({ file: path, rule: `must have the sha256 ${sha256} of its provenance`, value: found });
	}
	return provenance;
}

/** The part of a provenance file that travels with the cells. */
export function provenanceOf({ evidence: _, barred, deployment, knobs, ...rest }: ProvenanceFile): Provenance {
	return {
		...rest,
		...(barred === undefined ? {} : { barred }),
		...(deployment === undefined ? {} : { deployment: true as const }),
		...(knobs === undefined ? {} : { knobs }),
	};
}
