import { groupBy } from "../group.js";
import { qualityTargets } from "../measurement/quality.js";
import type { MeasuredVideoGpu, VideoGpu } from "../measurement/readVideoGpu.js";
import type { CellSummary } from "../measurement/summary.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { type VideoGpuPipeline, videoGpuPipeline } from "../profiles/evidencePipelines.js";
import { type Conclusion, choicesByLoad, conclusions, type LoadChoice } from "./choices.js";

/**
 * What `of` makes of the dataset, or why there is nothing: a reason in place of the dataset or of a part of it.
 *
 * @param withRemedy says how to get the dataset too: once a notebook is enough
 */
export function measured<T>(
	gpu: VideoGpu,
	of: (data: MeasuredVideoGpu) => T | string,
	withRemedy = false,
): Perhaps<Exclude<T, string>> {
	if (gpu.status === "unavailable") return unavailable(withRemedy ? `${gpu.reason}; ${gpu.remedy}` : gpu.reason);
	const found = of(gpu);
	return typeof found === "string" ? unavailable(found) : available(found as Exclude<T, string>);
}

/** Where the numbers of a sweep come from, and whether it was good enough. */
export interface GpuSweepAbout {
	readonly what: string;
	readonly asked?: string;
	readonly found: string | number | Perhaps<{ readonly value: number; readonly low: number; readonly high: number }>;
	readonly met?: boolean | "unavailable";
}

/** The two-stage pipeline beside its stages alone, added: what adding energies and latencies of stages leaves out. */
export interface TwoStages {
	readonly pipeline: string;
	readonly batch: number;
	readonly latency_s: number;
	readonly stages_added_latency_s: number;
	/** Gross, an image; absent where a cell has no energy. */
	readonly energy_j_per_image?: number;
	readonly stages_added_energy_j_per_image?: number;
	readonly energy_over_added?: number;
}

/** A cell with several tenants on the GPU, beside the same cell alone. */
export interface GpuTenants {
	readonly variant: string;
	readonly precision: string;
	readonly batch: number;
	readonly tenants: number;
	/** Of all tenants. */
	readonly throughput_rps: number;
	readonly throughput_over_alone: number;
	/** Of one tenant. */
	readonly latency_s: number;
	readonly latency_over_alone: number;
	readonly power_w?: number;
	readonly energy_j_per_image?: number;
	readonly energy_over_alone?: number;
}

/** The Video pipeline on a GPU: each part with a reason in its place where it was not measured. */
export interface VideoGpuStudy {
	readonly about: Perhaps<readonly GpuSweepAbout[]>;
	readonly quality: Perhaps<readonly GpuSweepAbout[]>;
	readonly twoStages: Perhaps<readonly TwoStages[]>;
	readonly tenants: Perhaps<readonly GpuTenants[]>;
}

/**
 * What the sweep of a GPU came to, raw.
 *
 * @example
 * const none = await measurement.readVideoGpu("nowhere");
 * studies.videoGpu(none).tenants; // → { status: "unavailable", reason: "not measured yet" }
 */
export function videoGpu(gpu: VideoGpu): VideoGpuStudy {
	return {
		about: measured(gpu, aboutOf, true),
		quality: measured(gpu, qualityOf),
		twoStages: measured(gpu, ({ summaries }) => {
			const rows = twoStagesOf(summaries);
			return rows.length === 0 ? "no pipeline was measured beside both its stages" : rows;
		}),
		tenants: measured(gpu, ({ summaries }) => {
			const rows = sharedCells(summaries).flatMap(({ own, alone }) => own.map((cell) => tenantsOf(cell, alone)));
			return rows.length === 0 ? "no cell was measured alone and shared" : rows;
		}),
	};
}

function aboutOf({ evidence: { provenance, cells }, quality, idle }: MeasuredVideoGpu): GpuSweepAbout[] {
	return [
		{ what: "hardware", found: provenance.hardware },
		{ what: "energy", found: provenance.energy_method },
		{ what: "cells", found: cells.length },
		{ what: "windows", found: quality.windows },
		{ what: "windows that failed", found: quality.failed.length },
		{
			what: "idle power, a context open (W), over the blocks",
			found:
				idle.status === "available"
					? available({ value: idle.value.power_w, low: idle.value.least_w, high: idle.value.most_w })
					: idle,
		},
		...provenance.flags.map(({ name, meaning }) => ({
			what: `cells flagged ${name}: ${meaning}`,
			found: cells.filter(({ flags }) => flags.includes(name)).length,
		})),
	];
}

/** What is asked of the run, and what came out. A figure that is unavailable is not met either. */
function qualityOf({ quality, plan }: MeasuredVideoGpu): GpuSweepAbout[] {
	const { share_of_cells, control_drift } = qualityTargets;
	const { narrow_energy, control_energy, cells, complete } = quality;
	const { min, target_relative_interval } = plan.repetitions;
	const drift = control_energy.status === "available" ? control_energy.value.drift : control_energy;
	const row = (what: string, asked: string, found: Perhaps<number>, met: (value: number) => boolean) => ({
		what,
		asked,
		found: found.status === "available" ? found.value : `unavailable: ${found.reason}`,
		met: found.status === "available" ? met(found.value) : ("unavailable" as const),
	});
	return [
		{ what: `cells with ${min} repetitions`, asked: `all ${cells}`, found: complete, met: complete === cells },
		row(
			`share of the measured cells whose mean energy has an interval within ${target_relative_interval} of it`,
			`${share_of_cells} or more`,
			narrow_energy,
			(value) => value >= share_of_cells,
		),
		row(
			"drift of the control's energy between blocks, as a share",
			`under ${control_drift}`,
			drift,
			(value) => value < control_drift,
		),
	];
}

function twoStagesOf(summaries: readonly CellSummary[]): TwoStages[] {
	return summaries.flatMap((whole): TwoStages[] => {
		const variants = whole.cell.variant.split("+");
		const parts = variants.flatMap((variant) => summaries.filter((one) => isAlone(one, variant, whole)));
		if (variants.length < 2 || parts.length < variants.length) return [];
		const together = imageEnergy(whole);
		const added = parts.flatMap((part) => imageEnergy(part) ?? []);
		const sum = added.length === parts.length ? added.reduce((total, energy) => total + energy, 0) : undefined;
		return [
			{
				pipeline: variants.join(" + "),
				batch: whole.cell.batch,
				latency_s: whole.latency_s,
				stages_added_latency_s: parts.reduce((total, part) => total + part.latency_s, 0),
				...(together === undefined ? {} : { energy_j_per_image: together }),
				...(sum === undefined ? {} : { stages_added_energy_j_per_image: sum }),
				...(together === undefined || sum === undefined ? {} : { energy_over_added: together / sum }),
			},
		];
	});
}

function isAlone({ cell }: CellSummary, variant: string, { cell: whole }: CellSummary): boolean {
	return (
		cell.variant === variant &&
		cell.knobs.tenants === 1 &&
		cell.batch === whole.batch &&
		cell.knobs.precision === whole.knobs.precision
	);
}

/** The cells that were measured with several tenants, each set with the same cell alone. */
export function sharedCells(summaries: readonly CellSummary[]) {
	const sets = groupBy(summaries, ({ cell: { variant, knobs, batch } }) =>
		JSON.stringify([variant, knobs.precision, batch]),
	);
	return [...sets.values()].flatMap((own) => {
		const alone = own.find(({ cell }) => cell.knobs.tenants === 1);
		return own.length < 2 || alone === undefined
			? []
			: [{ alone, own: own.toSorted((a, b) => Number(a.cell.knobs.tenants) - Number(b.cell.knobs.tenants)) }];
	});
}

function tenantsOf(summary: CellSummary, alone: CellSummary): GpuTenants {
	const { cell, throughput_rps, latency_s, energy } = summary;
	const [own, base] = [imageEnergy(summary), imageEnergy(alone)];
	return {
		variant: cell.variant,
		precision: String(cell.knobs.precision ?? "unavailable"),
		batch: cell.batch,
		tenants: Number(cell.knobs.tenants ?? 1),
		throughput_rps,
		throughput_over_alone: throughput_rps / alone.throughput_rps,
		latency_s,
		latency_over_alone: latency_s / alone.latency_s,
		...(energy.status === "available" ? { power_w: energy.value.power_w } : {}),
		...(own === undefined ? {} : { energy_j_per_image: own }),
		...(own === undefined || base === undefined ? {} : { energy_over_alone: own / base }),
	};
}

/** Gross energy of an image, J. */
export function imageEnergy({ cell, energy }: CellSummary): number | undefined {
	return energy.status === "available" ? energy.value.gross_j / cell.batch : undefined;
}

/** How the measured pipeline is asked. */
export interface VideoGpuQuestion {
	readonly precision: "fp32" | "fp16";
	/** Weight of energy, 1/J. */
	readonly delta: number;
	readonly rates_rps: readonly number[];
}

/** What is chosen on GPUs, all energies measured. */
export interface GpuChoices {
	/** Without and with energy as the load grows. */
	readonly choices: Perhaps<readonly LoadChoice[]>;
	/** What energy would save at 1 % of what the objective weighs, and what that statement rests on. */
	readonly conclusion: Perhaps<readonly GpuConclusion[]>;
}

export interface GpuConclusion extends Conclusion {
	readonly cells_left_out: number;
	/** Time of a batch beyond its latency, at most. */
	readonly beyond_latency_share: number;
}

/**
 * What IPA would choose for the Video pipeline on the measured GPU.
 *
 * @example
 * const none = await measurement.readVideoGpu("nowhere");
 * const question = { precision: "fp16", delta: 1, rates_rps: [100] };
 * studies.gpuChoices(none, await pipeline.readPipeline(), question).choices.status; // → "unavailable"
 */
export function gpuChoices(gpu: VideoGpu, video: PipelineSpec, question: VideoGpuQuestion): GpuChoices {
	const { precision, delta, rates_rps } = question;
	const asked = <T>(of: (built: Extract<VideoGpuPipeline, { status: "built" }>) => T, withRemedy = false) =>
		measured<T>(
			gpu,
			({ evidence, idle }) => {
				if (idle.status === "unavailable") return `idle power: ${idle.reason}`;
				const { power_w: idle_power_w } = idle.value;
				const built = videoGpuPipeline(evidence, video, {
					precision,
					idle_power_w,
					arrival_rate_rps: rates_rps[0] ?? 1,
					delta,
				});
				return built.status === "built" ? of(built) : built.reason;
			},
			withRemedy,
		);
	return {
		choices: asked(({ spec }): readonly LoadChoice[] => choicesByLoad(spec, rates_rps, "GPU"), true),
		conclusion: asked(({ spec, leftOut, beyondLatency }): readonly GpuConclusion[] =>
			conclusions([spec], rates_rps).map((row) => ({
				...row,
				cells_left_out: leftOut,
				beyond_latency_share: beyondLatency,
			})),
		),
	};
}
