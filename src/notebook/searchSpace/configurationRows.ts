import type { PipelineOptions } from "../../pipeline/options.js";
import { configurationAt } from "../../search/rowChoice.js";
import type { SpaceChunk } from "../../search/space.js";
import type { FrameValue } from "../frames.js";

/** Rows of a space, whole, for a frame: a slice, a front, a sample. Not for the space itself, which stays in columns. */
export function configurationRows(
	pipeline: PipelineOptions,
	{ from }: SpaceChunk,
	rows: Int32Array,
): Record<string, FrameValue>[] {
	return [...rows].map((row) => {
		const { stages, energy, ...metrics } = configurationAt(pipeline, from + row);
		const knobs = stages.flatMap(({ variant, cores, batch, replicas }, s) => {
			const name = pipeline.spec.stages[s]?.name ?? `stage ${s}`;
			return [
				[`${name} variant`, variant],
				[`${name} cores`, cores],
				[`${name} batch`, batch],
				[`${name} replicas`, replicas],
			] as const;
		});
		return {
			...Object.fromEntries(knobs),
			accuracy: metrics.accuracy,
			latency_s: metrics.latency_s,
			throughput_rps: metrics.throughput_rps,
			cost_cores: metrics.cost_cores,
			objective: metrics.objective,
			energy_j_per_request: energy.status === "available" ? energy.energy_j_per_request : "unavailable",
			kind: metrics.kind,
		};
	});
}
