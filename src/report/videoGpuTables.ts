import { qualityTargets } from "../measurement/quality.js";
import type { MeasuredVideoGpu, VideoGpu } from "../measurement/readVideoGpu.js";
import { percent } from "../measurement/repetitions.js";
import type { CellSummary } from "../measurement/summary.js";
import type { Perhaps } from "../outcome.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { type VideoGpuPipeline, videoGpuPipeline } from "../profiles/evidencePipelines.js";
import { choiceRows, choicesByLoad, conclusionKindRows } from "./energyAwareTables.js";
import type { FrameValue } from "./frames.js";
import { joules, measured } from "./videoGpuFigures.js";

/** The two-stage pipeline beside its stages alone, added: what adding energies and latencies of stages leaves out. */
export function twoStageRows(gpu: VideoGpu): Perhaps<readonly Readonly<Record<string, string | number>>[]> {
	return measured(gpu, ({ summaries }) => {
		const rows = summaries.flatMap((whole) => {
			const variants = whole.cell.variant.split("+");
			if (variants.length < 2) return [];
			const parts = variants.flatMap((variant) => summaries.filter((one) => isAlone(one, variant, whole)));
			if (parts.length < variants.length) return [];
			const latency_s = parts.reduce((sum, part) => sum + part.latency_s, 0);
			const together = joules(whole);
			const added = parts.flatMap((part) => joules(part) ?? []);
			const sum = added.length === parts.length ? added.reduce((total, energy) => total + energy, 0) : undefined;
			return [
				{
					pipeline: variants.join(" + "),
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

function isAlone({ cell }: CellSummary, variant: string, { cell: whole }: CellSummary): boolean {
	return (
		cell.variant === variant &&
		cell.knobs.tenants === 1 &&
		cell.batch === whole.batch &&
		cell.knobs.precision === whole.knobs.precision
	);
}

function rounded(value: number): number {
	return Number(value.toPrecision(3));
}

type Row = Readonly<Record<string, string | number>>;

/** What is asked of the run, and what came out. A figure that is unavailable is not met either. */
export function qualityRows(gpu: VideoGpu): Perhaps<readonly Row[]> {
	return measured(gpu, ({ quality, plan }) => {
		const { share_of_cells, control_drift } = qualityTargets;
		const { narrow_energy, control_energy, cells, complete, partial } = quality;
		const drift = control_energy.status === "available" ? control_energy.value.drift : control_energy;
		const row = (asked: string, found: Perhaps<number>, met: (value: number) => boolean) => ({
			asked,
			found: found.status === "available" ? percent(found.value) : found.reason,
			met: found.status === "available" ? (met(found.value) ? "yes" : "no") : "unavailable",
		});
		return [
			{
				asked: `all ${cells} cells with ${plan.repetitions.min} repetitions`,
				found: `${complete} cells, ${partial} in part`,
				met: complete === cells ? "yes" : "no",
			},
			row(
				`interval of the mean energy within ${percent(plan.repetitions.target_relative_interval)} in ${percent(share_of_cells)} of the measured cells`,
				narrow_energy,
				(value) => value >= share_of_cells,
			),
			row(
				`control's energy drifts by under ${percent(control_drift)} between blocks`,
				drift,
				(value) => value < control_drift,
			),
		];
	});
}

/** Where the numbers come from: hardware, meter, idle power, and how many cells each flag marks. */
export function aboutRows(gpu: VideoGpu): Perhaps<readonly Row[]> {
	const rows = ({ evidence: { provenance, cells }, quality, idle }: MeasuredVideoGpu): Row[] => [
		{ what: "hardware", found: provenance.hardware },
		{ what: "energy", found: provenance.energy_method },
		{ what: "cells", found: `${cells.length}, of ${quality.windows} windows; ${quality.failed.length} windows failed` },
		{
			what: "idle power, a context open",
			found:
				idle.status === "available"
					? `${idle.value.power_w.toFixed(1)} W (${idle.value.least_w.toFixed(1)} to ${idle.value.most_w.toFixed(1)} W over the blocks)`
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
