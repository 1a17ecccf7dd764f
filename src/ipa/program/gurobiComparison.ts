import { pipelineOptions } from "../../pipeline/options.js";
import type { PipelineSpec } from "../../pipeline/spec.js";
import { optimizePipeline } from "../../search/optimum.js";
import { configurationAt } from "../../search/rowChoice.js";
import type { GurobiAnswer } from "./askIpa.js";
import { rowsOf } from "./compareStates.js";
import type { SimulatedStates } from "./simulatorTables.js";

/** IPA's Gurobi decision beside the exact optimum of the published model. */
export type GurobiComparison =
	| {
			readonly status: "answered";
			readonly objective: { readonly published?: number; readonly ipa: number };
			readonly seconds: { readonly ours: number; readonly ipa: number };
			/** Model latency and published queueing of IPA's choice less the SLA, s: above 0 it misses the SLA. */
			readonly over_sla_s: number;
			/** By how much IPA's queue term loosens the SLA: sum over stages of |V| (|B| - 1) / rate, s. */
			readonly loosened_s: number;
	  }
	| Extract<GurobiAnswer, { status: "unavailable" | "failed" }>;

/**
 * Decides as IPA's Gurobi path did, by the published model, and says what the first of IPA's solutions is worth. Our time
 * is of one decision, options worked out.
 */
export function gurobiComparison(spec: PipelineSpec, states: SimulatedStates, ipaSeconds: number): GurobiComparison {
	const [objective] = states.objective;
	const latency_s = latencyOf(spec, states);
	if (objective === undefined) return { status: "failed", reason: "IPA returned no configuration" };
	if (latency_s === undefined) return { status: "failed", reason: "IPA's configuration is not one of our space" };
	const pipeline = pipelineOptions({ ...spec, semantics: "published" });
	const start = performance.now();
	const found = optimizePipeline(pipeline);
	const seconds = (performance.now() - start) / 1000;
	const rate = spec.arrival_rate_rps;
	const waits_s = rate === 0 ? 0 : states.stages.reduce((sum, { batch }) => sum + ((batch[0] as number) - 1) / rate, 0);
	const loosened_s =
		rate === 0
			? 0
			: pipeline.stages.reduce((sum, { options }) => {
					const variants = new Set(options.map(({ variant }) => variant)).size;
					const batches = new Set(options.map(({ batch }) => batch)).size;
					return sum + (variants * (batches - 1)) / rate;
				}, 0);
	return {
		status: "answered",
		objective: {
			...(found.status === "optimal" ? { published: found.configuration.objective } : {}),
			ipa: objective,
		},
		seconds: { ours: seconds, ipa: ipaSeconds },
		over_sla_s: latency_s + waits_s - pipeline.sla_s,
		loosened_s,
	};
}

/** Model latency of IPA's first solution, s: as it recorded it, or ours where its table has none. */
function latencyOf(spec: PipelineSpec, states: SimulatedStates): number | undefined {
	const [recorded] = states.latency_s ?? [];
	if (recorded !== undefined) return recorded;
	const pipeline = pipelineOptions({ ...spec, semantics: "ipa-e1f08dd" });
	const [row] = rowsOf(pipeline, states);
	return row?.status === "known" ? configurationAt(pipeline, row.row).latency_s : undefined;
}
