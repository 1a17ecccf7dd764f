import type { PipelineSpec } from "../../pipeline/spec.js";
import { energyFront } from "../../search/energyFront.js";
import { energySaved } from "../../search/energySaved.js";
import { type Kind, weakestKind } from "../../units.js";

/** Rows for a table: for each pipeline what energy would change, and what that statement rests on. */
export function conclusionKindRows(
	specs: readonly PipelineSpec[],
	rates_rps: readonly number[],
	allowedLoss = 0.01,
): Record<string, string>[] {
	return specs.map((spec) => {
		const fronts = rates_rps.map((rate_rps) => ({
			rate_rps,
			front: energyFront({ ...spec, arrival_rate_rps: rate_rps }),
		}));
		const saved = fronts.flatMap(({ rate_rps, front }) =>
			front.status === "infeasible"
				? []
				: [{ rate_rps, share: energySaved(front.points, spec.weights, allowedLoss).saved }],
		);
		const { latency, busy, idle } = kindsOf(spec);
		return {
			pipeline: spec.name,
			[`energy saved at ${100 * allowedLoss} % of what the objective weighs`]:
				saved.length === 0 ? "infeasible" : rangeOf(saved, rates_rps.length - saved.length),
			latency,
			"energy while busy": busy,
			"energy while idle": idle,
			"counts as evidence": verdictOf(busy, idle, latency),
		};
	});
}

function rangeOf(saved: readonly { readonly rate_rps: number; readonly share: number }[], infeasible: number): string {
	const percent = saved.map(({ share }) => 100 * share);
	const [least, most] = [Math.min(...percent), Math.max(...percent)].map((value) => value.toFixed(0));
	const loads = saved.map(({ rate_rps }) => rate_rps).join(", ");
	return `${least} to ${most} % over loads of ${loads}/s${infeasible === 0 ? "" : `; ${infeasible} more infeasible`}`;
}

function verdictOf(busy: Kind, idle: Kind, latency: Kind): string {
	if (busy === "modelled") return "no: computed from latency and cores";
	if (idle === "modelled") return "for the busy part; the idle part is an assumption";
	return latency === "modelled" ? "for the busy part; how long replicas idle follows from modelled latencies" : "yes";
}

function kindsOf({ name, stages }: PipelineSpec): { latency: Kind; busy: Kind; idle: Kind } {
	const points = stages.flatMap((stage) => stage.points);
	const energies = points.map(({ variant, energy }) => {
		if (energy === undefined) throw new RangeError(`${name}: ${variant} has no energy`);
		return energy;
	});
	return {
		latency: weakestKind(points.map(({ kind }) => kind)),
		busy: weakestKind(energies.map(({ kind }) => kind)),
		idle: weakestKind(energies.map(({ kind, idle_kind }) => idle_kind ?? kind)),
	};
}
