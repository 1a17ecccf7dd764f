import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { mean } from "simple-statistics";
import { readEvidence } from "../datasets/readEvidence.js";
import { InputError } from "../errors.js";
import type { Evidence } from "../evaluation/evidence.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import { readWholeJournal } from "./journal.js";
import type { Plan } from "./plan.js";
import { type RunQuality, runQuality } from "./quality.js";
import { type CellSummary, idlePowers, summarise } from "./summary.js";

/** The Video pipeline's models as measured on a GPU. */
export interface MeasuredVideoGpu {
	readonly status: "measured";
	readonly evidence: Evidence;
	readonly plan: Plan;
	/** Percentiles, all energies and the GPU's state of each cell, from the dataset's own journals. */
	readonly summaries: readonly CellSummary[];
	readonly quality: RunQuality;
	/** Power with a context open and no work: mean of the blocks that have it before and after, W. */
	readonly idle: Perhaps<{ readonly power_w: number; readonly least_w: number; readonly most_w: number }>;
}

/** `unavailable`: there is no such dataset, or it is barred (a trial without a GPU), and why. */
export type VideoGpu =
	| MeasuredVideoGpu
	| { readonly status: "unavailable"; readonly reason: string; readonly remedy: string };

/**
 * The dataset that `sustainable-ipa measure video-gpu --dataset` wrote, or why there is none and how to get it.
 *
 * @param folder of the shipped data: it need not be there
 * @throws InputError where the folder is there and damaged: a damaged dataset is a fault, not one that is missing
 * @example
 * const found = await measurement.readVideoGpu("nowhere");
 * [found.status, found.reason]; // → ["unavailable", "not measured yet"]
 */
export async function readVideoGpu(folder: string): Promise<VideoGpu> {
	const name = basename(folder);
	const remedy =
		"on a machine with an NVIDIA GPU run `make video-gpu`, or `npx sustainable-ipa measure video-gpu --dataset data/raw/video-gpu` (docs/gpu-sweep.md)";
	const there = await stat(folder).catch(() => undefined);
	if (there === undefined) return { status: "unavailable", reason: "not measured yet", remedy };
	const evidence = await readEvidence(folder);
	const { barred, files } = evidence.provenance;
	if (barred !== undefined) return { status: "unavailable", reason: `${name} is barred: ${barred}`, remedy };
	const journals = files
		.filter((file) => /^journal(-\d+)?\.jsonl$/.test(file.name))
		.map((file) => readWholeJournal(join(folder, file.name)));
	const [first] = journals;
	if (first === undefined)
		throw new InputError({ file: join(folder, "provenance.yaml"), field: "files", rule: "must list the journal" });
	const { plan } = first.header;
	const records = journals.map((journal) => journal.records);
	const summaries = summarise(plan, records);
	const powers = records.flatMap((own) => [...idlePowers(own).values()].map(({ power_w }) => power_w));
	return {
		status: "measured",
		evidence,
		plan,
		summaries,
		quality: runQuality(plan, records, summaries),
		idle:
			powers.length === 0
				? unavailable("no block has idle power before and after")
				: available({ power_w: mean(powers), least_w: Math.min(...powers), most_w: Math.max(...powers) }),
	};
}
