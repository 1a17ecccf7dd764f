import type { MeasuredVideoGpu, VideoGpu } from "../measurement/gpuSweep/readVideoGpu.js";
import type { SweepSummary } from "../measurement/gpuSweep/summary.js";
import { targetRows } from "../measurement/gpuSweep/targets.js";
import type { Perhaps } from "../measurement/records.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { type VideoGpuPipeline, videoGpuPipeline } from "../profiles/evidencePipelines.js";
import { choiceRows, choicesByLoad, conclusionKindRows } from "./energyAwareTables.js";
import type { FrameValue } from "./frames.js";

/**
 * What `show` makes of the dataset, or why there is nothing to show: a reason in place of the dataset or of a part of it.
 *
 * @param withRemedy says how to get the dataset too: once a notebook is enough
 */
export function measured<T>(
	gpu: VideoGpu,
	show: (data: MeasuredVideoGpu) => T | string,
	withRemedy = false,
): Perhaps<Exclude<T, string>> {
	if (gpu.status === "unavailable")
		return { status: "unavailable", reason: withRemedy ? `${gpu.reason}; ${gpu.remedy}` : gpu.reason };
	const shown = show(gpu);
	return typeof shown === "string"
		? { status: "unavailable", reason: shown }
		: { status: "available", value: shown as Exclude<T, string> };
}

/** The two-stage pipeline beside its stages alone, added: what adding energies and latencies of stages leaves out. */
export function twoStageRows(gpu: VideoGpu): Perhaps<readonly Readonly<Record<string, string | number>>[]> {
	return measured(gpu, ({ summaries }) => {
		const rows = summaries.flatMap((whole) => {
			if (whole.cell.variants.length < 2) return [];
			const parts = whole.cell.variants.flatMap((variant) => summaries.filter((one) => isAlone(one, variant, whole)));
			if (parts.length < whole.cell.variants.length) return [];
			const latency_s = parts.reduce((sum, part) => sum + part.latency_s, 0);
			const energies = [whole, ...parts].map(({ counter }) =>
				counter.status === "available" ? counter.value.energy_j_per_image : undefined,
			);
			const [together, ...added] = energies;
			const known = added.every((energy) => energy !== undefined);
			const sum = known ? added.reduce((total, energy) => total + (energy as number), 0) : undefined;
			return [
				{
					pipeline: whole.cell.variants.join(" + "),
					batch: whole.cell.batch,
					"latency (ms)": rounded(1000 * whole.latency_s),
					"stages added (ms)": rounded(1000 * latency_s),
					"J/image": together === undefined ? "unavailable" : rounded(together),
					"stages added (J)": sum === undefined ? "unavailable" : rounded(sum),
					"energy, together / added":
						together === undefined || sum === undefined ? "unavailable" : rounded(together / sum),
				},
			];
		});
		return rows.length === 0 ? "no pipeline was measured beside both its stages" : rows;
	});
}

function isAlone({ cell }: SweepSummary, variant: string, { cell: whole }: SweepSummary): boolean {
	return (
		cell.variants.length === 1 &&
		cell.variants[0] === variant &&
		cell.tenants === 1 &&
		cell.batch === whole.batch &&
		cell.precision === whole.precision
	);
}

function rounded(value: number): number {
	return Number(value.toPrecision(3));
}

type Row = Readonly<Record<string, string | number>>;

/** What was asked of the sweep, and what came out. */
export function qualityRows(gpu: VideoGpu): Perhaps<readonly Row[]> {
	return measured(gpu, ({ quality }) => targetRows(quality).map((row) => ({ ...row })));
}

/** Where the numbers come from: hardware, meter, idle power, and how many cells each flag marks. */
export function aboutRows(gpu: VideoGpu): Perhaps<readonly Row[]> {
	const rows = ({ evidence: { provenance, cells }, quality, idle }: MeasuredVideoGpu): Row[] => [
		{ what: "hardware", found: provenance.hardware },
		{ what: "energy", found: provenance.energy_method },
		{ what: "cells", found: `${cells.length}, of ${quality.windows} windows; ${quality.failed.length} windows failed` },
		{
			what: "idle power, one context open",
			found:
				idle.status === "available"
					? `${idle.value.power_w.toFixed(1)} W (${idle.value.least_w.toFixed(1)} to ${idle.value.most_w.toFixed(1)} W over the calls)`
					: `unavailable: ${idle.reason}`,
		},
		...provenance.flags.map(({ name, meaning }) => ({
			what: `cells flagged ${name}`,
			found: `${cells.filter(({ flags }) => flags.includes(name)).length}: ${meaning}`,
		})),
	];
	return measured(gpu, rows, true);
}

/** How the measured pipeline is asked. */
export interface VideoGpuQuestion {
	readonly precision: "fp32" | "fp16";
	/** Weight of energy, 1/J. */
	readonly delta: number;
	readonly rates_rps: readonly number[];
}

type Rows = readonly Readonly<Record<string, FrameValue>>[];

/** What is chosen on GPUs without and with energy as the load grows, all energies measured. */
export function videoGpuChoices(gpu: VideoGpu, video: PipelineSpec, question: VideoGpuQuestion): Perhaps<Rows> {
	return asked(gpu, video, question, (spec) => choiceRows(choicesByLoad(spec, question.rates_rps), "GPU"), true);
}

/** What energy would save at 1 % of what the objective weighs, and what that statement rests on. */
export function videoGpuSaved(gpu: VideoGpu, video: PipelineSpec, question: VideoGpuQuestion): Perhaps<Rows> {
	return asked(gpu, video, question, (spec, { leftOut, beyondLatency }) =>
		conclusionKindRows([spec], question.rates_rps).map((row) => ({
			...row,
			"cells left out": leftOut,
			"batch time beyond latency, at most": `${(100 * beyondLatency).toFixed(1)} %`,
		})),
	);
}

function asked(
	gpu: VideoGpu,
	video: PipelineSpec,
	{ precision, delta, rates_rps }: VideoGpuQuestion,
	rows: (spec: PipelineSpec, built: Extract<VideoGpuPipeline, { status: "built" }>) => Rows,
	withRemedy = false,
): Perhaps<Rows> {
	const answer = ({ evidence, idle }: MeasuredVideoGpu): Rows | string => {
		if (idle.status === "unavailable") return `idle power: ${idle.reason}`;
		const built = videoGpuPipeline(evidence, video, {
			precision,
			idle_power_w: idle.value.power_w,
			arrival_rate_rps: rates_rps[0] ?? 1,
			delta,
		});
		return built.status === "built" ? rows(built.spec, built) : built.reason;
	};
	return measured(gpu, answer, withRemedy);
}
