/** Every number that a label depends on, by name; their reasons stand in data/evaluation.yaml. */
export interface Thresholds {
	/** Largest misranked share with which an ordering stands in for energy; 1 - bound: its opposite does. */
	readonly misranked_bound: number;
	/** Confidence level of the intervals, 0..1. */
	readonly level: number;
	/** Variants with pairs under which nothing is decided, over all machines or on one. */
	readonly minimum_variants: number;
	/** Machines from which on the interval is taken over machines too. */
	readonly minimum_machines: number;
	/** Share of the pairs, by weight, that must outlast the noise. */
	readonly minimum_outlasting: number;
	/** Share of tied pairs from which a metric stands still. */
	readonly stands_still_ties: number;
	/** The made-up unit of the interval, in mean variants. */
	readonly prior_variants: number;
	/** Standard errors by which two energies must differ to be told apart. */
	readonly noise_z: number;
	readonly error_least: number;
	readonly error_unknown: number;
	readonly tie_relative: number;
	/** Percentage points. */
	readonly tie_accuracy_points: number;
	/** Idle power that was not measured, as shares of the least power of the machine: the ends of each accounting. */
	readonly idle_dedicated_low: number;
	readonly idle_dedicated_high: number;
	readonly idle_shared_low: number;
	readonly idle_shared_high: number;
	/** Shared accounting: most that a measured idle power counts, as a share of the least power. */
	readonly idle_measured_most: number;
	/** Shared accounting: least share of a cell's energy that is left. */
	readonly shared_least_left: number;
	readonly formula_cells: number;
	readonly formula_draws: number;
	readonly formula_ridge: number;
	/** Cells of a stratum above which pairs are sampled. */
	readonly most_stratum_cells: number;
}

/** Rates that are summed over, as multiples of the median throughput of a replica. */
export interface RateBand {
	readonly name: string;
	readonly multiples: readonly (number | "limit")[];
}

/** A threshold, why it stands where it stands, and where else the sensitivity table puts it. */
export interface ReasonedThreshold {
	readonly value: number;
	readonly moved: readonly number[];
	readonly reason: string;
}

/** Something that is set once, and why. */
export interface Reasoned<T> {
	readonly value: T;
	readonly reason: string;
}

/** The scenarios in which the value of knowing energy is worked out; their rates are the finite ones of the bands. */
export interface ValueSettings {
	/** Pairs [alpha, beta]. */
	readonly weights: Reasoned<readonly (readonly [number, number])[]>;
	readonly gamma: Reasoned<number>;
	/** Shares by which accuracy may be lower, and cost higher, than those of IPA's choice. */
	readonly tolerances: Reasoned<readonly number[]>;
	/** Quantiles of the scenarios that are shown, rising. */
	readonly quantiles: Reasoned<readonly number[]>;
	/** Resamples of the networks. */
	readonly resamples: Reasoned<number>;
	/** Mean load of the scaled trace, as a multiple of the median throughput over a choice set. */
	readonly trace_multiple: Reasoned<number>;
	/** Seconds for which a configuration stays on the trace. */
	readonly trace_step_s: Reasoned<number>;
}

/** What data/evaluation.yaml holds. */
export interface EvaluationSettings {
	readonly seed: number;
	readonly bands: readonly RateBand[];
	readonly thresholds: Readonly<Record<keyof Thresholds, ReasonedThreshold>>;
	/** Calibration sizes that are shown beside `formula_cells`. */
	readonly formula_cells_shown: readonly number[];
	readonly value: ValueSettings;
}

/** The thresholds without their reasons. */
export function thresholdsOf({ thresholds }: Pick<EvaluationSettings, "thresholds">): Thresholds {
	return Object.fromEntries(
		Object.entries(thresholds).map(([name, { value }]) => [name, value]),
	) as unknown as Thresholds;
}
