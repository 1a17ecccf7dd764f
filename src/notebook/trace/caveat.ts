import type { PipelineSpec } from "../../pipeline/spec.js";
import { weakestKind } from "../../units.js";

/** What every figure and table of a run over a trace has to say of its numbers. */
export function caveat({ stages }: PipelineSpec): string {
	const points = stages.flatMap((stage) => stage.points);
	const measured = points.filter(({ kind }) => kind === "measured").length;
	return `Queues are simulated on the profile's latencies (${measured} of ${points.length} points measured, the rest modelled). ${energyCaveat(points)}`;
}

function energyCaveat(points: PipelineSpec["stages"][number]["points"]): string {
	const energies = points.flatMap(({ energy }) => energy ?? []);
	if (energies.length === 0) return "The profile has no energies.";
	const busy = weakestKind(energies.map(({ kind }) => kind));
	const idle = weakestKind(energies.map(({ kind, idle_kind }) => idle_kind ?? kind));
	return busy === "modelled"
		? "Energies are modelled from cores and latency: coupled with them by construction, no evidence."
		: `Energies are the profile's own: those of batches ${busy}, idle powers ${idle}.`;
}
