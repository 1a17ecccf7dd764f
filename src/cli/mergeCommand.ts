import { join } from "node:path";
import { mergeJournals } from "../measurement/merge.js";
import { anyServerCoefficients, readEnergyCoefficients } from "../measurement/modelEnergy.js";
import { answer, describeCommand, jsonOption } from "./command.js";

/** The option of the commands that write measured cells. */
export const modelledCellsOption = {
	"model-energy": {
		about: "add energies modelled from latency, cores and CPU time; they are labelled and never evidence",
	},
} as const;

export const mergeCommand = describeCommand({
	about:
		"Merges the journals of a plan's shards into a dataset that `sustainable-ipa evaluate` takes, and writes every repetition to repetitions.parquet beside it.",
	examples: ["'results/*/journal.jsonl' --out merged"],
	args: [{ name: "GLOB", about: "the journals, a pattern in quotation marks" }],
	options: {
		out: { value: "FOLDER", about: "where dataset/ and repetitions.parquet go", required: true },
		...modelledCellsOption,
		...jsonOption,
	},
	exits: { 1: "bad input, or a shard is missing or did not run to its end (what is there is written)" },
	run: async ({ values, args: [glob = ""] }) => {
		const model = values["model-energy"] ? await readEnergyCoefficients(anyServerCoefficients) : undefined;
		const { cells, repetitions, journals, missingShards, shortCells, parquet } = await mergeJournals(
			glob,
			values.out,
			model,
		);
		const dataset = join(values.out, "dataset");
		answer(
			values.json,
			{ dataset, cells: cells.length, repetitions, journals, missingShards, shortCells, parquet },
			() => `${cells.length} cells from ${repetitions} repetitions in ${journals} journals: ${dataset}`,
		);
		if (missingShards.length > 0) console.error(`missing shards: ${missingShards.join(", ")}`);
		if (shortCells > 0)
			console.error(`${shortCells} cells have fewer than the plan's least repetitions: a shard did not run to its end`);
		if (parquet.status === "unavailable") console.error(`no repetitions.parquet: ${parquet.reason}`);
		return missingShards.length + shortCells === 0 && parquet.status === "available" ? 0 : 1;
	},
});
