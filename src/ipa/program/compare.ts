import { pipelineOptions } from "../../pipeline/options.js";
import type { PipelineSpec } from "../../pipeline/spec.js";
import { feasibleRows, topRows } from "../../search/query.js";
import { spaceSize, wholeSpace } from "../../search/space.js";
import { askIpa, type GurobiAnswer, type IpaAnswer, type IpaQuestion, type IpaStates } from "./askIpa.js";
import { compareStates, type StateDifferences } from "./compareStates.js";
import { type GurobiComparison, gurobiComparison } from "./gurobiComparison.js";

/** IPA's answers about a pipeline beside ours. Times are of one run, without starting Python. */
export interface Comparison {
	readonly pipeline: string;
	readonly rows: number;
	/** Of IPA's states, all or the first ones asked for, under IPA's own semantics. */
	readonly differences: StateDifferences;
	/** IPA's rows a second over ours: how many times faster the whole space is here. */
	readonly rowsPerSecond: { readonly ours: number; readonly ipa: number };
	/** Feasible configurations and best objective under `ipa-e1f08dd`, where IPA's were asked for. */
	readonly feasible?: {
		readonly ours: number;
		readonly ipa: number;
		readonly best: { readonly ours?: number; readonly ipa?: number };
	};
	readonly gurobi?: GurobiComparison;
	readonly sla_s: { readonly ours: number; readonly ipa: number };
}

export type CompareOutcome =
	| { readonly status: "compared"; readonly comparison: Comparison }
	| Exclude<IpaAnswer, { status: "answered" }>;

/** Runs IPA's program and ours on one pipeline. Nothing is tuned: a difference is reported as it is. */
export async function compareWithIpa(spec: PipelineSpec, question: IpaQuestion): Promise<CompareOutcome> {
	const answer = await askIpa(spec, question);
	if (answer.status !== "answered") return answer;
	const pipeline = pipelineOptions({ ...spec, semantics: "ipa-e1f08dd" });
	const start = performance.now();
	const space = wholeSpace(pipeline);
	const seconds = (performance.now() - start) / 1000;
	const rows = feasibleRows(space);
	const [best] = topRows(space, rows, "objective", 1);
	const ours = best === undefined ? undefined : (space.columns.objective[best] as number);
	const empty: IpaStates = {
		stages: [],
		accuracy: [],
		latency_s: [],
		throughput_rps: [],
		cost_cores: [],
		objective: [],
	};
	const all = answer.all ?? { states: empty, seconds: Number.POSITIVE_INFINITY };
	const theirs = answer.feasible?.states.objective;
	return {
		status: "compared",
		comparison: {
			pipeline: spec.name,
			rows: spaceSize(pipeline).rows,
			differences: compareStates(pipeline, all.states),
			rowsPerSecond: { ours: space.rows / seconds, ipa: all.states.objective.length / all.seconds },
			...(theirs === undefined
				? {}
				: {
						feasible: {
							ours: rows.length,
							ipa: theirs.length,
							best: {
								...(ours === undefined ? {} : { ours }),
								...(theirs.length === 0 ? {} : { ipa: theirs.reduce((a, b) => Math.max(a, b)) }),
							},
						},
					}),
			...(answer.gurobi === undefined ? {} : { gurobi: comparedGurobi(spec, answer.gurobi) }),
			sla_s: { ours: pipeline.sla_s, ipa: answer.sla_s },
		},
	};
}

function comparedGurobi(spec: PipelineSpec, answer: GurobiAnswer): GurobiComparison {
	return answer.status === "answered" ? gurobiComparison(spec, answer.states, answer.seconds) : answer;
}
