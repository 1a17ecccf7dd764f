import { groupBy } from "../group.js";
import type { Configuration } from "../pipeline/configuration.js";
import { pipelineOptions, type StageOptions } from "../pipeline/options.js";
import type { ProfilePoint, StageProfile } from "../pipeline/profile.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { optimizePipeline } from "../search/optimum.js";
import type { Decide, Decision, Plan, PlannedBatch } from "./adapt.js";

/** The systems that IPA's evaluation compares, and IPA with energy in its objective. */
export type SystemName = "fa2-low" | "fa2-high" | "rim" | "ipa" | "ipa-energy";

export const systemNames: readonly SystemName[] = ["fa2-low", "fa2-high", "rim", "ipa", "ipa-energy"];

/**
 * A pipeline as a system sees it. `fa2-low`, `fa2-high`: the lightest or heaviest variant, replicas scaled. `rim`:
 * variants switched, replicas static at `rimReplicas` a stage. `ipa`: all free. None of these weighs energy; `ipa-energy`
 * is `ipa` with the pipeline's own delta or prices.
 */
export function systemSpec(given: PipelineSpec, system: SystemName, rimReplicas: number): PipelineSpec {
	if (system === "ipa-energy") return { ...given, baseline: "none" };
	const { prices: _, ...unpriced } = given;
	const spec: PipelineSpec = { ...unpriced, weights: { ...given.weights, delta: 0 } };
	switch (system) {
		case "ipa":
			return { ...spec, baseline: "none" };
		case "rim":
			return {
				...spec,
				baseline: "switch",
				stages: spec.stages.map((stage) => ({ ...stage, initial_replicas: rimReplicas })),
			};
		case "fa2-low":
		case "fa2-high":
			return {
				...spec,
				baseline: "scale",
				stages: spec.stages.map((stage) => ({
					...stage,
					initial_variant: extremeVariant(stage, system === "fa2-high"),
				})),
			};
	}
}

function extremeVariant({ points }: StageProfile, heaviest: boolean): string {
	const variants = [...groupBy(points, ({ variant }) => variant).values()].map(([first]) => first as ProfilePoint);
	variants.sort((a, b) => a.accuracy_pct - b.accuracy_pct);
	return ((heaviest ? variants.at(-1) : variants[0]) as ProfilePoint).variant;
}

/**
 * Decides by the exact optimum, each arrival rate worked out once; of several optimal configurations the one with the
 * fewest changed variants and batches against the current plan, then the first.
 */
export function decider(spec: PipelineSpec): Decide {
	const optima = new Map<number, readonly Plan[] | string>();
	return (rate_rps, current): Decision => {
		let plans = optima.get(rate_rps);
		if (plans === undefined) {
			plans = optimalPlans({ ...spec, arrival_rate_rps: rate_rps });
			optima.set(rate_rps, plans);
		}
		if (typeof plans === "string") return { status: "infeasible", reason: plans };
		let best = plans[0] as Plan;
		if (current !== undefined)
			for (const plan of plans) if (changesBetween(plan, current) < changesBetween(best, current)) best = plan;
		return { status: "decided", plan: best };
	};
}

function optimalPlans(spec: PipelineSpec): readonly Plan[] | string {
	const pipeline = pipelineOptions(spec);
	const found = optimizePipeline(pipeline, { ties: true, tieLimit: 100 });
	if (found.status === "infeasible") return found.detail;
	const planOf = ({ stages, accuracy, cost_cores }: Configuration): Plan => ({
		accuracy,
		cost_cores,
		stages: stages.map(({ variant, cores, batch, replicas }, s) => {
			const options = (pipeline.stages[s] as StageOptions).options;
			const upTo = options
				.filter((option) => option.variant === variant && option.cores === cores && option.batch <= batch)
				.sort((a, b) => a.batch - b.batch)
				.map(({ batch: size, latency_s, kind, energy }) => ({
					batch: size,
					latency_s,
					latency_kind: kind,
					...(energy === undefined ? {} : { energy }),
				}));
			return { variant, cores, replicas, ...(upTo.at(-1) as PlannedBatch), smaller: upTo.slice(0, -1) };
		}),
	});
	return [found.configuration, ...(found.ties ?? [])].map(planOf);
}

/** Changed variants and changed batches over the stages. */
function changesBetween(a: Plan, b: Plan): number {
	return a.stages.reduce((sum, stage, s) => {
		const other = b.stages[s];
		return sum + (stage.variant === other?.variant ? 0 : 1) + (stage.batch === other?.batch ? 0 : 1);
	}, 0);
}
