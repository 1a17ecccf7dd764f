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
		const saved = rates_rps.flatMap((arrival_rate_rps) => {
			const front = energyFront({ ...spec, arrival_rate_rps });
			return front.status === "infeasible" ? [] : [energySaved(front.points, allowedLoss).saved];
		});
		const { latency, busy, idle } = kindsOf(spec);
		return {
			pipeline: spec.name,
			[`energy saved at ${100 * allowedLoss} % of the objective`]:
				saved.length === 0
					? "infeasible"
					: `${(100 * Math.min(...saved)).toFixed(0)} to ${(100 * Math.max(...saved)).toFixed(0)} % over loads of ${rates_rps.join(", ")}/s`,
			latency,
			"energy while busy": busy,
			"energy while idle": idle,
			"counts as evidence": verdictOf(busy, idle),
		};
	});
}

function verdictOf(busy: Kind, idle: Kind): string {
	if (busy === "modelled") return "no: computed from latency and cores";
	return idle === "modelled" ? "for the busy part; the idle part is an assumption" : "yes";
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
