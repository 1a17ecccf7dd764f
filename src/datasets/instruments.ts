import { z } from "zod";
import { deviceClasses } from "../evaluation/evidence.js";
import { type InstrumentRow, instruments } from "../evaluation/instruments.js";
import { readYaml } from "./file.js";
import { schemaFault } from "./schemaFault.js";

const count = z.int().min(0);

const schema = z.object({
	seed: z.int(),
	draws: z.int().min(1),
	commit: z.string(),
	rows: z.array(
		z.object({
			device: z.enum(deviceClasses),
			instrument: z.enum(instruments),
			noise: z.number(),
			told: z.number(),
			draws: count,
			scored: count,
			right: count,
			labels: z.object({ "stands-in": count, derivable: count, independent: count, undetermined: count }),
			intervals: count,
			covering: count,
		}),
	),
});

/** A kept run of the instruments. */
export interface KeptInstruments {
	readonly seed: number;
	readonly draws: number;
	/** The commit that it was run at. */
	readonly commit: string;
	readonly rows: readonly InstrumentRow[];
}

/** Reads the table that `make instruments` keeps (data/derived/instruments.json). */
export async function readInstruments(file: string): Promise<KeptInstruments> {
	const result = schema.safeParse(await readYaml(file));
	if (!result.success) throw schemaFault(file, result.error);
	return result.data;
}
