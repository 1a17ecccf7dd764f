import type { PipelineOptions } from "../../pipeline/options.js";
import { configurationAt, rowOf } from "../../search/rowChoice.js";
import type { SimulatedStates } from "./simulatorTables.js";

export const comparedMetrics = ["accuracy", "latency_s", "throughput_rps", "cost_cores", "objective"] as const;

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
