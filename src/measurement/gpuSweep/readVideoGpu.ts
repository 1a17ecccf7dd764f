import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { mean } from "simple-statistics";
import { readEvidence } from "../../datasets/readEvidence.js";
import { InputError } from "../../errors.js";
import type { Evidence } from "../../evaluation/evidence.js";
import type { Perhaps } from "../records.js";
import { idlePowersOf } from "./idlePower.js";
import { type SweepQuality, sweepQuality } from "./quality.js";
import { readSweeps } from "./readSweep.js";
import { type SweepSummary, summariseSweep } from "./summary.js";

/** The Video pipeline's models as measured on a GPU. */
export interface MeasuredVideoGpu {
	readonly status: "measured";
	readonly evidence: Evidence;
	/** Percentiles, both energies and the GPU's state of each cell, from the dataset's own journals. */
	readonly summaries: readonly SweepSummary[];
	readonly quality: SweepQuality;
	/** Power with one context open and no work, by the counter: mean of the calls that have it before and after, W. */
	readonly idle: Perhaps<{ readonly power_w: number; readonly least_w: number; readonly most_w: number }>;
}

/** `unavailable`: there is no such dataset, or it is barred (a trial on a CPU), and why. */
export type VideoGpu =
	| MeasuredVideoGpu
	| { readonly status: "unavailable"; readonly reason: string; readonly remedy: string };

/**
 * The dataset that `sustainable-ipa sweep` wrote, or why there is none and how to get it.
 *
 * @param folder of the shipped data: it need not be there
 * @throws InputError where the folder is there and damaged: a damaged dataset is a fault, not one that is missing
 */
export async function readVideoGpu(folder: string): Promise<VideoGpu> {
	const name = basename(folder);
	const remedy = `on a machine with an NVIDIA GPU run \`npx sustainable-ipa sweep --run --python PYTHON --journal ${name}.jsonl --out data/raw/${name}\` (docs/gpu-sweep.md)`;
	const there = await stat(folder).catch(() => undefined);
	if (there === undefined) return { status: "unavailable", reason: "not measured yet", remedy };
	const evidence = await readEvidence(folder);
	const { barred, files } = evidence.provenance;
	if (barred !== undefined) return { status: "unavailable", reason: `${name} is barred: ${barred}`, remedy };
	const journals = files.map((file) => file.name).filter((file) => /^journal(-\d+)?\.jsonl$/.test(file));
	if (journals.length === 0)
		throw new InputError({ file: join(folder, "provenance.yaml"), field: "files", rule: "must list the journal" });
	const sweeps = await readSweeps(journals.map((file) => join(folder, file)));
	const summaries = summariseSweep(sweeps);
	const powers = sweeps.flatMap((sweep) => [...idlePowersOf(sweep).values()].map(({ power_w }) => power_w));
	return {
		status: "measured",
		evidence,
		summaries,
		quality: sweepQuality(sweeps, summaries),
		idle:
			powers.length === 0
				? { status: "unavailable", reason: "no call has idle power before and after" }
				: {
						status: "available",
						value: { power_w: mean(powers), least_w: Math.min(...powers), most_w: Math.max(...powers) },
					},
	};
}
