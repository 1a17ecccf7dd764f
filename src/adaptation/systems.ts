import { InputError } from "../errors.js";
import type { PredictorName } from "../forecast/predictors.js";
import { groupBy } from "../group.js";
import { type Configuration, configuration } from "../pipeline/configuration.js";
import { type PipelineOptions, pipelineOptions, type StageOptions } from "../pipeline/options.js";
import type { ProfilePoint, StageProfile } from "../pipeline/profile.js";
import type { Baseline, Margins, PipelineSpec, Weights } from "../pipeline/spec.js";
import { optimizePipeline } from "../search/optimum.js";
import type { Decide, Decision, Plan, PlannedBatch } from "./adapt.js";

/** What a system does with a pipeline; what is not given is the pipeline's own. Lists have an entry a stage. */
export interface SystemSettings {
	/** `scale`: the variants stay; `switch`: the replicas stay; `none`: all are free. `none` where not given. */
	readonly mode?: Baseline;
	/** The variants that it starts with, and keeps where it scales: by name, or the least or most accurate ones. */
	readonly variants?: readonly string[] | "lightest" | "heaviest";
	/** The replicas that it starts with, and keeps where it switches: of each stage, or of all. */
	readonly replicas?: readonly number[] | number;
	/** Cores of a replica at the start; base allocations take over with the first decision. */
	readonly cores?: readonly number[];
	readonly weights?: Partial<Weights>;
	/** Does energy count, by the pipeline's own delta or prices (or `weights.delta`)? No where not given. */
	readonly energy?: boolean;
	/** Throughput that a base allocation must reach, requests/s. */
	readonly threshold_rps?: number;
	/** Base allocations, cores by variant, by stage. */
	readonly base_allocations?: Readonly<Record<string, Readonly<Record<string, number>>>>;
	readonly margins?: Margins;
	readonly predictor?: PredictorName;
	/** Percent added to every forecast. */
	readonly predictor_margin_pct?: number;
}

/** A system of a comparison: a record, which a user may write in YAML (docs/systems.md). */
export interface System extends SystemSettings {
	readonly name: string;
	/** What differs over a named window of load; records in it replace the others' fields one by one. */
	readonly windows?: Readonly<Record<string, SystemSettings>>;
}

/**
 * The systems that IPA's evaluation compares, on a pipeline of which no run was published: FA2 on the lightest or the
 * heaviest variants, RIM on ten replicas a stage ("a high value" in the paper), IPA, and IPA with energy.
 */
export const standardSystems: readonly System[] = [
	{ name: "fa2-low", mode: "scale", variants: "lightest" },
	{ name: "fa2-high", mode: "scale", variants: "heaviest" },
	{ name: "rim", mode: "switch", replicas: 10 },
	{ name: "ipa" },
	{ name: "ipa-energy", energy: true },
];

/**
 * Which of several optimal configurations: the one with the fewest changed variants and batches against what runs, as
 * IPA chooses among those that its solver hands over; the most accurate; or the cheapest.
 */
export type TieRule = "fewest-changes" | "most-accurate" | "cheapest";

/** What a system does over a window; over a load that is none of its windows, what it does otherwise. */
export function settingsIn({ windows, ...system }: System, window: string | undefined): SystemSettings {
	const own = window === undefined ? undefined : windows?.[window];
	if (own === undefined) return system;
	return {
		...system,
		...own,
		...(own.weights && { weights: { ...system.weights, ...own.weights } }),
		...(own.margins && { margins: { ...system.margins, ...own.margins } }),
		...(own.base_allocations && { base_allocations: { ...system.base_allocations, ...own.base_allocations } }),
	};
}

/**
 * A pipeline as a system sees it. Energy counts where the system says so, and nowhere else.
 *
 * @throws InputError naming the setting that does not fit the pipeline
 */
export function systemSpec(given: PipelineSpec, system: string, settings: SystemSettings): PipelineSpec {
	const fail = (field: string, rule: string, value: unknown): never => {
		throw new InputError({ file: `system ${system}`, field, rule, value });
	};
	const { mode = "none", variants, replicas, cores, weights, energy = false, threshold_rps, margins } = settings;
	for (const [name, list] of Object.entries({ variants, replicas, cores }))
		if (Array.isArray(list) && list.length !== given.stages.length)
			fail(name, `must have ${given.stages.length} entries, one a stage of ${given.name}`, list.length);
	const base = settings.base_allocations ?? {};
	for (const stage of Object.keys(base))
		if (!given.stages.some(({ name }) => name === stage))
			fail(`base_allocations.${stage}`, `must be a stage of ${given.name}`, stage);
	const { prices, ...unpriced } = given;
	const delta = energy ? (weights?.delta ?? given.weights.delta) : 0;
	return {
		...unpriced,
		// A weight of the system's own stands in place of prices.
		...(energy && prices !== undefined && weights?.delta === undefined ? { prices } : {}),
		weights: { ...given.weights, ...weights, delta },
		baseline: mode,
		threshold_rps: threshold_rps ?? given.threshold_rps,
		...(margins === undefined ? {} : { margins: { ...given.margins, ...margins } }),
		stages: given.stages.map((stage, s): StageProfile => {
			const { points, base_allocations = undefined } = stage;
			const initial_variant = variantOf(points, variants, s) ?? stage.initial_variant;
			if (!points.some(({ variant }) => variant === initial_variant))
				fail("variants", `must have a variant of stage ${stage.name}`, initial_variant);
			const allocated = base[stage.name] ?? base_allocations;
			if (threshold_rps !== undefined && threshold_rps !== given.threshold_rps && base_allocations === allocated)
				if (allocated !== undefined)
					fail("threshold_rps", `must come with base_allocations: those of ${given.name} are given`, threshold_rps);
			const own = typeof replicas === "number" ? replicas : replicas?.[s];
			return {
				...stage,
				initial_variant,
				...(own === undefined ? {} : { initial_replicas: own }),
				...(cores === undefined ? {} : { initial_cores: cores[s] as number }),
				...(allocated === undefined ? {} : { base_allocations: allocated }),
			};
		}),
	};
}

function variantOf(points: readonly ProfilePoint[], variants: SystemSettings["variants"], stage: number) {
	if (variants !== "lightest" && variants !== "heaviest") return variants?.[stage];
	const own = [...groupBy(points, ({ variant }) => variant).values()].map(([first]) => first as ProfilePoint);
	own.sort((a, b) => a.accuracy_pct - b.accuracy_pct);
	return (variants === "heaviest" ? own.at(-1) : own[0])?.variant;
}

/**
 * What runs before the first decision: each stage's initial variant, its smallest batch, and its initial replicas, on its
 * initial cores where the variant was profiled on them and else on the fewest.
 */
export function initialPlan(spec: PipelineSpec): Plan {
	const everything = pipelineOptions({ ...spec, allocation_mode: "variable", baseline: "none" });
	const choice = spec.stages.map(({ initial_variant, initial_cores, initial_replicas = 1 }, s) => {
		const { options } = everything.stages[s] as StageOptions;
		const own = [...options.entries()]
			.filter(([, { variant }]) => variant === initial_variant)
			.sort(([, a], [, b]) => a.cores - b.cores || a.batch - b.batch);
		const [option] = own.find(([, { cores }]) => cores === initial_cores) ?? own[0] ?? [];
		if (option === undefined)
			throw new InputError({
				file: `pipeline ${spec.name}`,
				field: `stages.${s}.initial_variant`,
				rule: "must be a variant of the stage",
				value: initial_variant,
			});
		return { option, replicas: initial_replicas };
	});
	return planOf(everything, configuration(everything, choice));
}

/**
 * Decides by the exact optimum, each arrival rate worked out once; of several optimal configurations the one that the
 * rule says, then the first.
 */
export function decider(spec: PipelineSpec, ofEqual: TieRule = "fewest-changes"): Decide {
	const optima = new Map<number, readonly Plan[] | string>();
	return (rate_rps, current): Decision => {
		let plans = optima.get(rate_rps);
		if (plans === undefined) {
			plans = optimalPlans({ ...spec, arrival_rate_rps: rate_rps });
			optima.set(rate_rps, plans);
		}
		if (typeof plans === "string") return { status: "infeasible", reason: plans };
		let best = plans[0] as Plan;
		if (ofEqual === "most-accurate") {
			for (const plan of plans) if (plan.accuracy > best.accuracy) best = plan;
		} else if (ofEqual === "cheapest") {
			for (const plan of plans) if (plan.cost_cores < best.cost_cores) best = plan;
		} else if (current !== undefined)
			for (const plan of plans) if (changesBetween(plan, current) < changesBetween(best, current)) best = plan;
		return { status: "decided", plan: best };
	};
}

function optimalPlans(spec: PipelineSpec): readonly Plan[] | string {
	const pipeline = pipelineOptions(spec);
	const found = optimizePipeline(pipeline, { ties: true, tieLimit: 100 });
	if (found.status === "infeasible") return found.detail;
	return [found.configuration, ...(found.ties ?? [])].map((own) => planOf(pipeline, own));
}

/** A configuration as it is served: a batch takes its service time, not the tail that the SLA is held to. */
function planOf(pipeline: PipelineOptions, { stages, accuracy, cost_cores }: Configuration): Plan {
	return {
		accuracy,
		cost_cores,
		stages: stages.map(({ variant, cores, batch, replicas }, s) => {
			const options = (pipeline.stages[s] as StageOptions).options;
			const upTo = options
				.filter((option) => option.variant === variant && option.cores === cores && option.batch <= batch)
				.sort((a, b) => a.batch - b.batch)
				.map(
					({ batch: size, service_s, kind, energy }): PlannedBatch => ({
						batch: size,
						latency_s: service_s,
						latency_kind: kind,
						...(energy === undefined ? {} : { energy }),
					}),
				);
			return { variant, cores, replicas, ...(upTo.at(-1) as PlannedBatch), smaller: upTo.slice(0, -1) };
		}),
	};
}

/** Changed variants and changed batches over the stages. */
function changesBetween(a: Plan, b: Plan): number {
	return a.stages.reduce((sum, stage, s) => {
		const other = b.stages[s];
		return sum + (stage.variant === other?.variant ? 0 : 1) + (stage.batch === other?.batch ? 0 : 1);
	}, 0);
}
