import { type PipelineOptions, pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { optimizePipeline } from "../search/optimum.js";
import { configurationAt, feasibleRows, rowOf, topRows } from "../search/query.js";
import { spaceSize, wholeSpace } from "../search/space.js";
import { askIpa, type GurobiAnswer, type IpaAnswer, type IpaQuestion, type IpaStates } from "./askIpa.js";
import type { SimulatedStates } from "./runSimulator.js";

const comparedMetrics = ["accuracy", "latency_s", "throughput_rps", "cost_cores", "objective"] as const;

/** How far our metrics are from IPA's over the same configurations. */
export interface StateDifferences {
	readonly states: number;
	/** Configurations of IPA's that our space does not have: none is expected. */
	readonly unknown: readonly string[];
	/** Largest |ours - IPA's| / max(1, |IPA's|) by metric; a metric that IPA did not record is not there. */
	readonly largest: Readonly<Partial<Record<(typeof comparedMetrics)[number], number>>>;
}

/** A configuration of IPA's: its row in our space, or what it is where our space does not have it. */
export type IpaRow =
	| { readonly status: "known"; readonly row: number }
	| { readonly status: "unknown"; readonly configuration: string };

/** Compares every configuration that IPA enumerated with our metrics of it. */
export function compareStates(pipeline: PipelineOptions, theirs: SimulatedStates): StateDifferences {
	const metrics = comparedMetrics.filter((name) => theirs[name] !== undefined);
	const largest = new Map(metrics.map((name) => [name, 0]));
	const unknown: string[] = [];
	for (const [i, found] of rowsOf(pipeline, theirs).entries()) {
		if (found.status === "unknown") {
			unknown.push(found.configuration);
			continue;
		}
		const ours = configurationAt(pipeline, found.row);
		for (const name of metrics) {
			const value = theirs[name]?.[i] as number;
			const difference = Math.abs(ours[name] - value) / Math.max(1, Math.abs(value));
			largest.set(name, Math.max(largest.get(name) as number, difference));
		}
	}
	return { states: theirs.objective.length, unknown, largest: Object.fromEntries(largest) };
}

/** The row of each of IPA's configurations. */
export function rowsOf(pipeline: PipelineOptions, theirs: SimulatedStates): IpaRow[] {
	const index = pipeline.stages.map(
		({ options }) => new Map(options.map(({ variant, cores, batch }, o) => [keyOf(variant, cores, batch), o])),
	);
	return theirs.objective.map((_, i): IpaRow => {
		const choice = theirs.stages.map(({ variant, cores, batch, replicas }, s) => ({
			option: index[s]?.get(keyOf(variant[i] as string, cores[i] as number, batch[i] as number)) ?? -1,
			replicas: replicas[i] as number,
		}));
		const outside = choice.some(({ option, replicas }, s) => {
			const [from, to] = pipeline.stages[s]?.replicas ?? [1, 0];
			return option < 0 || replicas < from || replicas > to;
		});
		if (!outside) return { status: "known", row: rowOf(pipeline, choice) };
		const parts = theirs.stages.map((own) => `${own.variant[i]}/${own.cores[i]}/${own.batch[i]} x${own.replicas[i]}`);
		return { status: "unknown", configuration: parts.join(" ") };
	});
}

function keyOf(variant: string, cores: number, batch: number): string {
	return JSON.stringify([variant, cores, batch]);
}

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
