import type { PipelineSpec } from "../../pipeline/spec.js";

/** What every figure and table of a run over a trace has to say of its numbers. */
export function caveat({ stages }: PipelineSpec): string {
	const points = stages.flatMap((stage) => stage.points);
	const measured = points.filter(({ kind }) => kind === "measured").length;
	return `Queues are simulated on the profile's latencies (${measured} of ${points.length} points measured, the rest modelled). ${energyCaveat(points)}`;
}

function energyCaveat(points: PipelineSpec["stages"][number]["points"]): string {
	const modelled = points.every(({ energy }) => energy?.kind === "modelled");
	return modelled
		? "Energies are modelled from cores and latency: coupled with them by construction, no evidence."
		: "Energies are the profile's own.";
}
