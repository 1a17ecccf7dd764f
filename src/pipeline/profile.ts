import type { Kind } from "../units.js";

/** One point of a profile: what a variant does with an allocation and a batch size. */
export interface ProfilePoint {
	readonly variant: string;
	/** Accuracy of the variant, percent. */
	readonly accuracy_pct: number;
	readonly cores: number;
	readonly batch: number;
	/** Latency of a batch, s (p99 by IPA's convention). */
	readonly latency_s: number;
	readonly throughput_rps: number;
	/** Kind of latency and throughput. */
	readonly kind: Kind;
	readonly energy?: ProfileEnergy;
}

/**
 * Energy of a profile point: one replica with its allocation. Where the pipeline's spec names a shared node, both are what
 * the replica adds to that node's floor; where it does not, the replica stands for a machine of its own.
 */
export interface ProfileEnergy {
	/** Gross energy of one batch while busy, J. */
	readonly energy_j_per_batch: number;
	/** Power of the same allocation while idle, W. */
	readonly idle_power_w: number;
	/** Standard error of energy_j_per_batch, J, where known. */
	readonly energy_se_j_per_batch?: number;
	/** Points of one text share one error (a common W per busy core); a point without has an error of its own. */
	readonly error_source?: string;
	/** Kind of the energy of a batch, and of the idle power where `idle_kind` does not say otherwise. */
	readonly kind: Kind;
	/** The calibration that the energy comes from, where it does: cells, machine, error. */
	readonly calibration?: string;
	/** Kind of the idle power where it is another: an assumed idle power is `modelled`. */
	readonly idle_kind?: Kind;
}

/** A stage's profile, in file order (IPA's stage SLA and base allocation depend on the order). */
export interface StageProfile {
	readonly name: string;
	readonly points: readonly ProfilePoint[];
	readonly initial_variant: string;
	readonly initial_cores: number;
	/** Replicas at the start, which the baseline `switch` keeps; 1 where not given. */
	readonly initial_replicas?: number;
	/** Base allocations, cores by variant, in place of those that follow from the threshold; other variants have none. */
	readonly base_allocations?: Readonly<Record<string, number>>;
}
