import { InputError } from "../errors.js";
import type { Kind } from "../units.js";
import type { ProfilePoint, StageProfile } from "./profile.js";

/** What a stage's points are checked against. */
interface PointRules {
	/** Named in the message: "pipeline video". */
	readonly file: string;
	/** Path of the points in it: "stages.0.points". */
	readonly field: string;
	/** Are the points what can be chosen, rather than what a curve is fitted through? */
	readonly only_measured_profiles: boolean;
}

/**
 * Throws InputError naming the first point that breaks a rule: numbers in their ranges, one accuracy a variant, and a
 * variant's batch on an allocation once where it is a choice of its own. A curve may go through repeated points, of which
 * one alone may have an energy: nothing says which of two would hold.
 */
function checkPoints(points: readonly ProfilePoint[], { file, field, only_measured_profiles }: PointRules): void {
	const seen = new Map<string, { accuracy_pct: number; cores: Map<number, Map<number, boolean>> }>();
	for (const [p, point] of points.entries()) {
		const fail = (name: string, rule: string, value: unknown): never => {
			throw new InputError({ file, field: `${field}.${p}.${name}`, rule, value });
		};
		const { variant, accuracy_pct, cores, batch, latency_s, throughput_rps, energy } = point;
		if (!positive(latency_s)) fail("latency_s", "must be a number above 0", latency_s);
		if (!positive(throughput_rps)) fail("throughput_rps", "must be a number above 0", throughput_rps);
		if (!positive(cores)) fail("cores", "must be a number above 0", cores);
		if (!(Number.isInteger(batch) && batch >= 1)) fail("batch", "must be a whole number of 1 or more", batch);
		if (!(accuracy_pct >= 0 && accuracy_pct <= 100))
			fail("accuracy_pct", "must be a number from 0 to 100", accuracy_pct);
		if (energy !== undefined) {
			const { energy_j_per_batch, idle_power_w, energy_se_j_per_batch = 0 } = energy;
			if (!(positive(energy_j_per_batch) && notNegative(idle_power_w)))
				fail("energy", "must have an energy above 0 and an idle power of 0 or more", energy);
			if (!notNegative(energy_se_j_per_batch))
				fail("energy.energy_se_j_per_batch", "must be a number of 0 or more", energy_se_j_per_batch);
		}
		const own = seen.get(variant) ?? { accuracy_pct, cores: new Map<number, Map<number, boolean>>() };
		seen.set(variant, own);
		if (own.accuracy_pct !== accuracy_pct)
			fail("accuracy_pct", `must be the ${own.accuracy_pct} of the other points of ${variant}`, accuracy_pct);
		const batches = own.cores.get(cores) ?? new Map<number, boolean>();
		own.cores.set(cores, batches);
		const energyBefore = batches.get(batch);
		if (energyBefore !== undefined && (only_measured_profiles || (energyBefore && energy !== undefined)))
			fail(
				"batch",
				only_measured_profiles
					? `must be there once for ${variant} on ${cores} cores`
					: `must have one energy for ${variant} on ${cores} cores`,
				batch,
			);
		batches.set(batch, energyBefore === true || energy !== undefined);
	}
}

function positive(value: number): boolean {
	return value > 0 && Number.isFinite(value);
}

function notNegative(value: number): boolean {
	return value >= 0 && Number.isFinite(value);
}

/** `published`: the paper's model. `ipa-e1f08dd`: what IPA's enumeration does at that commit (no queueing, strict SLA). */
export type Semantics = "published" | "ipa-e1f08dd";

export type AccuracyMethod = "sum" | "average" | "product";

/** `base`: one allocation a variant, by the threshold; `fix`: the stage's initial one; `variable`: every one is a knob. */
export type AllocationMode = "base" | "fix" | "variable";

/** `switch`: replicas stay at the initial ones; `scale`: variants stay at the initial ones; `none`: all are free. */
export type Baseline = "none" | "switch" | "scale";

/** Weights of the objective alpha x accuracy - beta x cost - gamma x sum of batches - delta x J per request; all >= 0. */
export interface Weights {
	readonly alpha: number;
	readonly beta: number;
	readonly gamma: number;
	readonly delta: number;
}

/** What energy and cores cost, from which the weight of energy follows: see `pricedWeights`. */
export interface Prices {
	readonly eur_per_kwh: number;
	/** Of an allocated core, without its electricity. */
	readonly eur_per_core_hour: number;
	/** Power usage effectiveness of the site, 1 where not given. */
	readonly pue?: number;
}

/** What is added to a profile before anything is worked out from it, percent of the value; negative: taken off. */
export interface Margins {
	readonly throughput_pct?: number;
	readonly latency_pct?: number;
}

/** A machine that runs anyway, and that the pipeline's replicas share with all else on it. */
export interface SharedNode {
	/** What it draws with the pipeline deployed and none of its replicas busy, W. */
	readonly floor_w: number;
	/** Standard error of floor_w, W, where known. */
	readonly floor_se_w?: number;
	readonly kind: Kind;
}

/** Everything that IPA needs to know of a pipeline to choose its configuration. */
export interface PipelineSpec {
	readonly name: string;
	readonly stages: readonly StageProfile[];
	/** Throughput that a base allocation must reach, requests/s. */
	readonly threshold_rps: number;
	/** SLA of a stage = 5 x sla_factor x mean latency of its variants (IPA: 1). */
	readonly sla_factor: number;
	/** SLA of the pipeline, s, in place of the sum over its stages (which base allocations still go by). */
	readonly sla_s?: number;
	readonly accuracy_method: AccuracyMethod;
	readonly normalize_accuracy: boolean;
	/**
	 * Accuracy of the least accurate of several variants where accuracies are normalised, in place of 0: under a product
	 * a stage's 0 makes every other stage's choice worthless (IPA's product runs: 0.05).
	 */
	readonly lowest_accuracy?: number;
	readonly allocation_mode: AllocationMode;
	/** False: latencies of every power of two from a quadratic fit over the measured batches. */
	readonly only_measured_profiles: boolean;
	/**
	 * What planning adds to the profile: SLAs, base allocations and the choice all see it, and what a batch takes when it
	 * is served does not.
	 */
	readonly margins?: Margins;
	/** Most replicas of a stage. */
	readonly scaling_cap: number;
	/**
	 * Largest batch that may be chosen; larger ones still count for the SLA, the base allocations and the fit. IPA applies
	 * it where Gurobi decides and not in its enumeration, so `ipa-e1f08dd` does not either.
	 */
	readonly batching_cap?: number;
	readonly weights: Weights;
	/** Gives delta in place of weights.delta, which must then be 0. */
	readonly prices?: Prices;
	readonly arrival_rate_rps: number;
	/**
	 * The node that the replicas share; absent where each replica stands for a machine of its own. Its floor is the same
	 * whatever is chosen, so that objective, bounds and fronts are of the energy without it; a configuration's energy
	 * shows both.
	 */
	readonly node?: SharedNode;
	readonly semantics: Semantics;
	readonly baseline: Baseline;
}

/** Throws InputError naming the field of a spec that breaks a rule. */
export function checkSpec(spec: PipelineSpec): void {
	const fail = (field: string, rule: string, value: unknown): never => {
		throw new InputError({ file: `pipeline ${spec.name}`, field, rule, value });
	};
	if (spec.stages.length === 0) fail("stages", "must have at least one stage", 0);
	for (const [name, weight] of Object.entries(spec.weights))
		if (!(weight >= 0 && Number.isFinite(weight))) fail(`weights.${name}`, "must be a number of 0 or more", weight);
	if (spec.prices !== undefined) {
		const { eur_per_kwh, eur_per_core_hour, pue = 1 } = spec.prices;
		if (spec.weights.delta !== 0) fail("weights.delta", "must be 0 where prices give it", spec.weights.delta);
		if (!(spec.weights.beta > 0)) fail("weights.beta", "must be above 0 where prices give delta", spec.weights.beta);
		if (!(eur_per_kwh >= 0 && Number.isFinite(eur_per_kwh)))
			fail("prices.eur_per_kwh", "must be a number of 0 or more", eur_per_kwh);
		if (!(eur_per_core_hour > 0 && Number.isFinite(eur_per_core_hour)))
			fail("prices.eur_per_core_hour", "must be a number above 0", eur_per_core_hour);
		if (!(pue >= 1 && Number.isFinite(pue))) fail("prices.pue", "must be a number of 1 or more", pue);
	}
	const { floor_w, floor_se_w = 0 } = spec.node ?? { floor_w: 0 };
	if (!(floor_w >= 0 && Number.isFinite(floor_w))) fail("node.floor_w", "must be a number of 0 or more", floor_w);
	if (!(floor_se_w >= 0 && Number.isFinite(floor_se_w)))
		fail("node.floor_se_w", "must be a number of 0 or more", floor_se_w);
	if (!(spec.arrival_rate_rps >= 0 && Number.isFinite(spec.arrival_rate_rps)))
		fail("arrival_rate_rps", "must be a number of 0 or more", spec.arrival_rate_rps);
	if (!(Number.isInteger(spec.scaling_cap) && spec.scaling_cap >= 1))
		fail("scaling_cap", "must be a whole number of 1 or more", spec.scaling_cap);
	if (spec.batching_cap !== undefined && !(Number.isInteger(spec.batching_cap) && spec.batching_cap >= 1))
		fail("batching_cap", "must be a whole number of 1 or more", spec.batching_cap);
	if (!(spec.threshold_rps >= 0 && Number.isFinite(spec.threshold_rps)))
		fail("threshold_rps", "must be a number of 0 or more", spec.threshold_rps);
	if (!(spec.sla_factor > 0 && Number.isFinite(spec.sla_factor)))
		fail("sla_factor", "must be a number above 0", spec.sla_factor);
	if (spec.sla_s !== undefined && !(spec.sla_s > 0 && Number.isFinite(spec.sla_s)))
		fail("sla_s", "must be a number above 0", spec.sla_s);
	if (spec.lowest_accuracy !== undefined && !(spec.lowest_accuracy >= 0 && spec.lowest_accuracy <= 1))
		fail("lowest_accuracy", "must be a number from 0 to 1", spec.lowest_accuracy);
	for (const [name, margin] of Object.entries(spec.margins ?? {}))
		if (!(margin > -100 && Number.isFinite(margin))) fail(`margins.${name}`, "must be a number above -100", margin);
	for (const [s, { name, points, initial_replicas = 1, base_allocations = {} }] of spec.stages.entries()) {
		for (const [variant, cores] of Object.entries(base_allocations))
			if (!points.some((point) => point.variant === variant && point.cores === cores))
				fail(
					`stages.${s}.base_allocations.${variant}`,
					"must be an allocation that the variant was profiled on",
					cores,
				);
		if (points.length === 0) fail(`stages.${s} (${name})`, "must have at least one profile point", 0);
		const smallest = points.reduce((least, { batch }) => Math.min(least, batch), Number.POSITIVE_INFINITY);
		if (spec.batching_cap !== undefined && smallest > spec.batching_cap)
			fail("batching_cap", `must let stage ${name} choose its smallest batch of ${smallest}`, spec.batching_cap);
		if (!(Number.isInteger(initial_replicas) && initial_replicas >= 1))
			fail(`stages.${s}.initial_replicas`, "must be a whole number of 1 or more", initial_replicas);
		checkPoints(points, {
			file: `pipeline ${spec.name}`,
			field: `stages.${s}.points`,
			only_measured_profiles: spec.only_measured_profiles,
		});
	}
}
