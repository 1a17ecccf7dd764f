import type { Provenance } from "../../evaluation/evidence.js";
import type { Perhaps } from "../records.js";
import { percent } from "../repetitions.js";
import { idlePowersOf } from "./idlePower.js";
import { type ControlDrift, type SweepQuality, sweepTargets } from "./quality.js";
import type { SweepJournal } from "./readSweep.js";
import type { SweepSummary } from "./summary.js";

export const wideFlag = "interval-wide";

/** Where the sweep's numbers come from, and every caveat on them, as the journals tell. */
export function sweepProvenance(
	dataset: string,
	journals: readonly [SweepJournal, ...SweepJournal[]],
	summaries: readonly SweepSummary[],
	quality: SweepQuality,
): Omit<Provenance, "files"> {
	const [{ header }] = journals;
	const gpus = [...new Set(journals.map(({ header: { gpu } }) => `${gpu.name} ${gpu.uuid ?? ""}`.trim()))];
	const measured = summaries.some(({ counter }) => counter.status === "available");
	const software = Object.entries(header.software)
		.map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
		.join(", ");
	return {
		dataset,
		title: "The Video pipeline's models on a GPU, by precision, batch and tenants",
		source: `python/video_gpu/sweep.py, journal version ${header.version}, ${journals.map((journal) => `seed ${journal.header.seed}, ${datesOf(journal)}`).join("; ")}`,
		commit: `none: measured here; ${software}`,
		path: journals.length === 1 ? "journal.jsonl" : journals.map((_, i) => `journal-${i + 1}.jsonl`).join(", "),
		hardware: `${gpus.join("; ")}, driver ${header.gpu.driver ?? "none"}`,
		energy_method: measured
			? `NVML's total-energy counter of the whole GPU, over windows of at least ${header.window_s} s that begin and end where it changes; beside it, in details.csv, ${powerSources(journals)} integrated by trapezoids over the same windows`
			: "unavailable: no window has an energy",
		kind: "measured",
		units: {
			latency_s: "s per batch (CUDA events around the stages)",
			throughput_rps: "images/s of all tenants together",
			allocation: "GPUs, shared by all tenants",
			accuracy_pct: "percent, published",
			energy_j_per_request: "J per image, gross",
			energy_j_per_batch: "J per batch, gross",
			power_w: "W",
		},
		licence: "as the project",
		caveats: [...standing(header.window_s), ...ownCaveats(journals, summaries, quality)],
		...(measured ? {} : { barred: "no measured energy: it can say nothing about energy" }),
		flags: [
			{
				name: wideFlag,
				meaning: `the interval (level 0.95) of the mean energy or latency is not under ${percent(sweepTargets.relative_interval)} of it`,
				severity: "suspect",
			},
			{
				name: "counter-disagrees",
				meaning: `the counter and the integrated power differ by over ${percent(sweepTargets.disagreement)}`,
				severity: "suspect",
			},
			{
				name: "slowed",
				meaning: "a thermal or hardware slowdown held the clocks down in a repetition",
				severity: "suspect",
			},
			{
				name: "not-alone",
				meaning:
					"more processes held a context on the GPU than the cell has tenants: others' work may be in its energy",
				severity: "suspect",
			},
		],
	};
}

/** What holds for every sweep by this program. */
function standing(window_s: number): readonly string[] {
	return [
		"weights are random, drawn from the seed, with batch normalisation's statistics from one pass of random images, so that activations have a usual scale; energy depends on the data through what toggles, so trained weights may draw somewhat differently",
		"images are uniform random numbers drawn on the GPU anew for each batch (never zeros); drawing them is within the window, its energy and its throughput, and not within the latency (image_drawing_s in details.csv)",
		"no decoding, no transfer from the host, no non-maximum suppression, no request queue: the models' forward passes alone",
		"eager PyTorch, one batch in flight a process, no compilation, no CUDA graphs, cuDNN's own choice of algorithms; fp32 without TF32; YOLOv5 with batch normalisation fused, the ResNets as torchvision has them",
		"the pipeline's crop is of a fixed size (the centred 320 x 320 pixels resized to 224 x 224 on the GPU, one an image), since the boxes of random weights mean nothing",
		"energy is of the whole GPU (board), not of the host; gross energy includes its idle power",
		"idle power is taken with one CUDA context open and no work, after a pause of up to 5 s; a process's open context keeps a GPU's clocks and power above those of one without",
		"accuracy_pct is the published accuracy of the trained variant, not measured here, and the same for both precisions; a pipeline has none",
		"tenants are processes that share the GPU by time slicing; latency is that of a tenant's batch, throughput and energy are of all tenants; allocation is the one GPU that they share",
		`latency_s is the mean over repetitions of the mean batch latency in windows of at least ${window_s} s; no repetition was dropped`,
	];
}

function ownCaveats(
	journals: readonly [SweepJournal, ...SweepJournal[]],
	summaries: readonly SweepSummary[],
	quality: SweepQuality,
): readonly string[] {
	const uuids = new Set(journals.map(({ header }) => header.gpu.uuid));
	const found = [
		...(journals[0].header.device === "cpu"
			? ["a trial on a CPU: nothing here is of a GPU, and latencies are by the host's clock"]
			: []),
		uuids.size === 1
			? "a single GPU: how much GPUs of one model differ is not seen"
			: `${uuids.size} GPUs of one model: their difference is within the intervals`,
		...qualityText(quality),
	];
	const unsettled = summaries.filter((summary) => summary.unsettled > 0).length;
	if (unsettled > 0)
		found.push(`in ${unsettled} cells a warm-up ended at its time limit with latencies that still varied`);
	journals.forEach((journal, i) => {
		const where = journals.length === 1 ? "" : ` of journal ${i + 1}`;
		for (const { call, before_w, after_w, drift } of idlePowersOf(journal).values())
			found.push(
				`idle power at call ${call + 1}${where}: ${before_w.toFixed(1)} W before, ${after_w.toFixed(1)} W after (${percent(drift)})`,
			);
		const settings = [...new Set(journal.calls.map((call) => settingsText(call.settings)))];
		for (const text of settings) found.push(`the GPU's settings${where}, as found and left: ${text || "none read"}`);
		const others = journal.calls.filter(({ settings: { compute_processes } }) => Number(compute_processes) > 1).length;
		if (others > 0) found.push(`in ${others} calls${where} another process held a context on the GPU`);
	});
	return found;
}

/** The figures by which a sweep is judged, a sentence each. */
export function qualityText(quality: SweepQuality): readonly string[] {
	const { relative_interval, share_of_cells, control_drift } = sweepTargets;
	const { grid, complete, partial, missing, windows, failed } = quality;
	const reasons = new Set(failed.map(({ cell, reason }) => `${cell}: ${reason}`));
	const { disagreement } = quality;
	return [
		`grid: ${complete} of ${grid} cells with every repetition, ${partial} with some, ${missing.length} with none; ${windows} windows`,
		...(failed.length === 0 ? [] : [`${failed.length} windows failed: ${[...reasons].join("; ")}`]),
		`interval of the mean under ${percent(relative_interval)}: ${narrowText(quality)}, latency in ${percent(quality.narrowLatency)} (asked: ${percent(share_of_cells)})`,
		`control, energy: ${driftText(quality.controlEnergy)} (asked: drift under ${percent(control_drift)})`,
		`control, latency: ${driftText(quality.controlLatency)}`,
		disagreement.status === "available"
			? `integrated power against the counter: ${percent(disagreement.value.median)} in the median, at most ${percent(disagreement.value.farthest)} (${disagreement.value.cell})`
			: `integrated power against the counter: unavailable (${disagreement.reason})`,
	];
}

function narrowText({ narrowEnergy }: SweepQuality): string {
	return narrowEnergy.status === "available"
		? `energy in ${percent(narrowEnergy.value)} of the measured cells`
		: `energy unavailable (${narrowEnergy.reason})`;
}

function driftText(control: Perhaps<ControlDrift>): string {
	if (control.status === "unavailable") return `unavailable (${control.reason})`;
	const { windows, variation, drift } = control.value;
	return `${windows} windows vary by ${percent(variation)} (s / mean), means of calls drift by ${shareText(drift)}`;
}

function shareText(value: Perhaps<number>): string {
	return value.status === "available" ? percent(value.value) : `unavailable (${value.reason})`;
}

function powerSources(journals: readonly SweepJournal[]): string {
	return [...new Set(journals.flatMap(({ windows }) => windows.map(({ power_source }) => power_source)))].join(", ");
}

function settingsText(settings: Readonly<Record<string, number | string>>): string {
	return Object.entries(settings)
		.filter(([name]) => name !== "memory_used_mib" && name !== "compute_processes")
		.map(([name, value]) => `${name} ${value}`)
		.join(", ");
}

function datesOf({ calls, header }: SweepJournal): string {
	const days = [header.created_at, ...calls.map(({ at }) => at)].map((at) => at.slice(0, 10)).sort();
	return days[0] === days.at(-1) ? String(days[0]) : `${days[0]} to ${days.at(-1)}`;
}
