import type { Evidence, EvidenceCell } from "../evaluation/evidence.js";
import { groupBy } from "../group.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { evidenceStage } from "./evidenceStage.js";

/** How the measured stages are asked. */
export interface VideoGpuOptions {
	readonly precision: "fp32" | "fp16";
	/** Power of a GPU with its model loaded and no work, by the sweep's own idle windows, W. */
	readonly idle_power_w: number;
	readonly arrival_rate_rps: number;
	/** Weight of energy in the objective, 1/J. */
	readonly delta?: number;
}

/** `unavailable`: a stage has no cell without a flag that has an energy. */
export type VideoGpuPipeline =
	| {
			readonly status: "built";
			readonly spec: PipelineSpec;
			/** Cells of the precision, alone on the GPU, that have a flag or no energy: no points of the profile. */
			readonly leftOut: number;
			/** Largest share of a batch's time that is not its latency: drawing images, the program's loop; 0..1. */
			readonly beyondLatency: number;
	  }
	| { readonly status: "unavailable"; readonly reason: string };

/**
 * The Video pipeline with every latency and energy measured on a GPU: two stages, a replica is one GPU, cost counts
 * GPUs. The energy of a batch is gross, by the GPU's counter; the idle power is measured too, so that the energy of a
 * request has the kind `measured` throughout. Weights are those of the pipeline given; IPA's prices are of cores and
 * are left out. Accuracies are published ones.
 *
 * The energy of a batch holds the drawing of its images, which its latency does not: at most `beyondLatency` of it, and
 * that share of the idle power counts twice where a replica is busy.
 *
 * @param video the Video pipeline, for its stages' variants, its weights and its accuracy method
 */
export function videoGpuPipeline(
	{ cells, provenance }: Evidence,
	video: PipelineSpec,
	{ precision, idle_power_w, arrival_rate_rps, delta = 0 }: VideoGpuOptions,
): VideoGpuPipeline {
	const alone = cells.filter(({ knobs }) => knobs.precision === precision && knobs.tenants === 1);
	const usable = alone.filter(({ energy, flags }) => energy.status === "available" && flags.length === 0);
	const stages = video.stages.map(({ name, points }) => {
		const variants = groupBy(points, ({ variant }) => variant);
		return { name, own: usable.filter(({ variant }) => variants.has(variant)) };
	});
	const empty = stages.find(({ own }) => own.length === 0);
	if (empty !== undefined)
		return {
			status: "unavailable",
			reason: `the stage ${empty.name} has no cell in ${precision} with an energy and without a flag`,
		};
	const single = new Set(stages.flatMap(({ own }) => own));
	const { prices: _, ...unpriced } = video;
	return {
		status: "built",
		leftOut: alone.filter((cell) => !cell.variant.includes("+") && !single.has(cell)).length,
		beyondLatency: Math.max(...[...single].map(beyondLatency)),
		spec: {
			...unpriced,
			name: `Video in ${precision} on ${provenance.hardware}`,
			stages: stages.map(({ name, own }) => evidenceStage(name, own, () => ({ idle_power_w, kind: "measured" }))),
			allocation_mode: "variable",
			only_measured_profiles: true,
			arrival_rate_rps,
			weights: { ...video.weights, delta },
		},
	};
}

function beyondLatency({ batch, latency_s, throughput_rps }: EvidenceCell): number {
	if (latency_s === undefined || throughput_rps === undefined) return 0;
	return Math.max(0, 1 - (latency_s * throughput_rps) / batch);
}
