import { join } from "node:path";
import { parseArgs } from "node:util";
import { InputError } from "../errors.js";
import { mergeJournals } from "../measurement/merge.js";
import { anyServerCoefficients, readEnergyCoefficients } from "../measurement/modelEnergy.js";

export const mergeUsage = `sustainable-ipa merge GLOB --out FOLDER [--model-energy]
  Merges the journals of a plan's shards ('results/*/journal.jsonl', in quotation marks) into FOLDER/dataset, which
  \`sustainable-ipa evaluate\` takes, and writes every repetition to FOLDER/repetitions.parquet.
  --model-energy   add energies modelled from latency, cores and CPU time; they are labelled and never evidence`;

/** Merges shards. Exit code 0 where all shards are there and ran to their end, 1 where not (what is there is written). */
export async function mergeCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		options: { out: { type: "string" }, "model-energy": { type: "boolean", default: false } },
		allowPositionals: true,
	});
	const [glob, ...more] = positionals;
	if (glob === undefined || more.length > 0)
		throw new InputError({ file: "merge", field: "GLOB", rule: "give one pattern, in quotation marks" });
	if (values.out === undefined) throw new InputError({ file: "merge", field: "--out", rule: "must name a folder" });
	const model = values["model-energy"] ? await readEnergyCoefficients(anyServerCoefficients) : undefined;
	const merged = await mergeJournals(glob, values.out, model);
	console.log(
		`${merged.cells.length} cells from ${merged.repetitions} repetitions in ${merged.journals} journals: ${join(values.out, "dataset")}`,
	);
	if (merged.missingShards.length > 0) console.error(`missing shards: ${merged.missingShards.join(", ")}`);
	if (merged.shortCells > 0)
		console.error(
			`${merged.shortCells} cells have fewer than the plan's least repetitions: a shard did not run to its end`,
		);
	if (merged.parquet.status === "unavailable") console.error(`no repetitions.parquet: ${merged.parquet.reason}`);
	const whole = merged.missingShards.length + merged.shortCells === 0 && merged.parquet.status === "available";
	return whole ? 0 : 1;
}
