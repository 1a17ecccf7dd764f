import { basename, resolve } from "node:path";
import { writeDatasetFolder } from "../../datasets/readEvidence.js";
import { InputError } from "../../errors.js";
import type { CellEnergy, EvidenceCell } from "../../evaluation/evidence.js";
import { readPipeline } from "../../ipa/readPipeline.js";
import { detailsCsv } from "./details.js";
import { sweepProvenance, wideFlag } from "./provenance.js";
import { type SweepQuality, sweepQuality, sweepTargets } from "./quality.js";
import { readSweeps } from "./readSweep.js";
import type { SweepHeader } from "./records.js";
import { type SweepCell, type SweepSummary, summariseSweep } from "./summary.js";

/** Clock events that say that the GPU was in trouble; a power cap at its default is none. */
const trouble = /slowdown|brake/;

/**
 * Turns the sweep's journals into a dataset folder in the study's own form: cells.csv, details.csv (percentiles, both
 * energies, idle-subtracted energy, the GPU's state), the journals, and provenance.yaml. The dataset is named after the
 * folder, which is replaced as a whole.
 *
 * @param files journals: one, or several of one sweep over several GPUs of one model
 * @throws InputError where a journal is damaged, of another sweep, or without a window
 */
export async function writeSweepDataset(
	files: readonly string[],
	folder: string,
): Promise<{ readonly summaries: readonly SweepSummary[]; readonly quality: SweepQuality }> {
	const journals = await readSweeps(files);
	const summaries = summariseSweep(journals);
	if (summaries.length === 0) throw new InputError({ file: files[0] as string, rule: "must hold a measured window" });
	const { stages } = await readPipeline();
	const accuracies = new Map(
		stages.flatMap(({ points }) => points.map(({ variant, accuracy_pct }) => [variant, accuracy_pct] as const)),
	);
	const dataset = basename(resolve(folder));
	const { header } = journals[0];
	const quality = sweepQuality(journals, summaries);
	const cells = summaries.map((summary, i) => evidenceCell(dataset, header, summary, accuracies, i + 2));
	const kept = Object.fromEntries(
		journals.map(({ text }, i) => [journals.length === 1 ? "journal.jsonl" : `journal-${i + 1}.jsonl`, text]),
	);
	await writeDatasetFolder(folder, sweepProvenance(dataset, journals, summaries, quality), cells, {
		"details.csv": detailsCsv(summaries),
		...kept,
	});
	return { summaries, quality };
}

/** What an image undergoes: cells of one task are a population, since accuracies and energies of others do not compare. */
function taskOf({ variants }: SweepCell): string {
	if (variants.length === 2) return "detection and classification of an image";
	return variants[0]?.startsWith("yolo")
		? "detection in an image of 640 x 640"
		: "classification of an image of 224 x 224";
}

function evidenceCell(
	dataset: string,
	{ device, gpu, software }: SweepHeader,
	summary: SweepSummary,
	accuracies: ReadonlyMap<string, number>,
	line: number,
): EvidenceCell {
	const { cell } = summary;
	const accuracy_pct = cell.variants.length === 1 ? accuracies.get(cell.variants[0] as string) : undefined;
	return {
		dataset,
		population: `${gpu.name}, ${taskOf(cell)}, NVML total-energy counter`,
		hardware: gpu.name,
		device: device === "cuda" ? "gpu" : "cpu",
		variant: cell.variants.join("+"),
		// The whole GPU, whose energy and images are those of all its tenants together.
		allocation: device === "cuda" ? 1 : software.threads * cell.tenants,
		batch: cell.batch,
		replicas: 1,
		knobs: { precision: cell.precision, tenants: cell.tenants },
		workload: {},
		request_unit: "image",
		latency_s: summary.latency_s,
		throughput_rps: summary.throughput_rps,
		...(accuracy_pct === undefined ? {} : { accuracy_pct }),
		energy: energyOf(summary),
		// The energy's deviation is of the repetitions that have an energy.
		repetitions: summary.counter.status === "available" ? summary.counter.value.repetitions : summary.repetitions,
		kind: "measured",
		flags: flagsOf(summary),
		line,
	};
}

function energyOf({ cell, counter }: SweepSummary): CellEnergy {
	if (counter.status === "unavailable") return counter;
	const { energy_j_per_image, sd_j_per_image, power_w } = counter.value;
	return {
		status: "available",
		kind: "measured",
		energy_j_per_request: energy_j_per_image,
		energy_j_per_batch: energy_j_per_image * cell.batch,
		power_w,
		energy_sd_j_per_request: sd_j_per_image,
	};
}

function flagsOf(summary: SweepSummary): string[] {
	const { counter, latency_relative_interval, disagreement, events, other_processes } = summary;
	const intervals = [latency_relative_interval, counter.status === "available" ? counter.value.relative_interval : 0];
	return [
		...(intervals.some((width) => !(width < sweepTargets.relative_interval)) ? [wideFlag] : []),
		...(disagreement.status === "available" && Math.abs(disagreement.value) > sweepTargets.disagreement
			? ["counter-disagrees"]
			: []),
		...(events.status === "available" && events.value.some((event) => trouble.test(event)) ? ["slowed"] : []),
		...(other_processes.status === "available" && other_processes.value > 0 ? ["not-alone"] : []),
	];
}
