import type { PipelineOptions } from "../../pipeline/options.js";
import { configurationAt, rowOf } from "../../search/space.js";
import type { IpaStates } from "./askIpa.js";

export const comparedMetrics = ["accuracy", "latency_s", "throughput_rps", "cost_cores", "objective"] as const;

/** How far our metrics are from IPA's over the same configurations. */
export interface StateDifferences {
	readonly states: number;
	/** Configurations of IPA's that our space does not have: none is expected. */
	readonly unknown: readonly string[];
	/** Largest |ours - IPA's| / max(1, |IPA's|) by metric. */
	readonly largest: Readonly<Record<(typeof comparedMetrics)[number], number>>;
}

/** Compares every configuration that IPA enumerated with our metrics of it. */
export function compareStates(pipeline: PipelineOptions, theirs: IpaStates): StateDifferences {
	const index = pipeline.stages.map(
		({ options }) => new Map(options.map(({ variant, cores, batch }, o) => [keyOf(variant, cores, batch), o])),
	);
	const unknown: string[] = [];
	const largest = Object.fromEntries(comparedMetrics.map((name) => [name, 0])) as Record<
		(typeof comparedMetrics)[number],
		number
	>;
	const states = theirs.objective.length;
	for (let i = 0; i < states; i++) {
		const choice = theirs.stages.map(({ variant, cores, batch, replicas }, s) => ({
			option: index[s]?.get(keyOf(variant[i] as string, cores[i] as number, batch[i] as number)) ?? -1,
			replicas: replicas[i] as number,
		}));
		if (choice.some(({ option }) => option < 0)) {
			unknown.push(theirs.stages.map((own) => `${own.variant[i]}/${own.cores[i]}/${own.batch[i]}`).join(" "));
			continue;
		}
		const ours = configurationAt(pipeline, rowOf(pipeline, choice));
		for (const name of comparedMetrics) {
			const value = theirs[name][i] as number;
			largest[name] = Math.max(largest[name], Math.abs(ours[name] - value) / Math.max(1, Math.abs(value)));
		}
	}
	return { states, unknown, largest };
}

function keyOf(variant: string, cores: number, batch: number): string {
	return JSON.stringify([variant, cores, batch]);
}
