import { pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";

/**
 * A pipeline that scales in place: one replica a stage, whose cores are the knob, in place of replicas of one allocation
 * (Sponge, arXiv 2404.00704). The SLA stays that of the pipeline as it was. Kubernetes resizes a container without a
 * restart only with its in-place feature; how long a resize takes is not counted.
 *
 * @example
 * optimize(verticalOnly(spec)); // status infeasible where no allocation of the profile carries the rate alone
 */
export function verticalOnly(spec: PipelineSpec): PipelineSpec {
	return {
		...spec,
		sla_s: pipelineOptions(spec).sla_s,
		allocation_mode: "variable",
		scaling_cap: 1,
		baseline: spec.baseline === "switch" ? "none" : spec.baseline,
		stages: spec.stages.map(({ initial_replicas: _, ...stage }) => stage),
	};
}
