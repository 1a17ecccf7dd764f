import { type VideoGpuPipeline, videoGpuPipeline } from "../../ipa/videoGpuPipeline.js";
import type { MeasuredVideoGpu, VideoGpu } from "../../measurement/gpuSweep/readVideoGpu.js";
import type { Perhaps } from "../../measurement/records.js";
import type { PipelineSpec } from "../../pipeline/spec.js";
import { choiceRows, choicesByLoad } from "../energyAware/choicesByLoad.js";
import { conclusionKindRows } from "../energyAware/conclusionKinds.js";
import type { FrameValue } from "../frames.js";
import { measured } from "./measured.js";

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
