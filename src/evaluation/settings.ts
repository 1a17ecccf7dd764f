/** A threshold and why it stands where it stands. */
export interface Threshold {
	readonly value: number;
	readonly reason: string;
}

/** What data/evaluation.yaml holds: every number that the verdict depends on. */
export interface EvaluationSettings {
	readonly seed: number;
	readonly resamples: number;
	/** Confidence level of the intervals, 0..1. */
	readonly level: number;
	readonly thresholds: VerdictThresholds<Threshold>;
	/** Values of each threshold to repeat the verdict with. */
	readonly sensitivity: Readonly<Record<keyof VerdictThresholds<Threshold>, readonly number[]>>;
	/** Relative tolerances of "agree on every other metric". */
	readonly agreement_tolerances: readonly number[];
	readonly regret: RegretGrid;
}

export interface VerdictThresholds<T> {
	/** |rank correlation| from which energy counts as tightly coupled. */
	readonly coupled_correlation: T;
	/** Share of untied pairs that a coupled metric may rank against energy. */
	readonly coupled_discordance: T;
	/** Out-of-sample R2 of all metrics together from which energy counts as determined by them. */
	readonly coupled_explained: T;
	/** Clusters under which no interval is trusted. */
	readonly minimum_clusters: T;
	/** Share of energy left on the table, at the 90th percentile of the scenarios, from which it matters. */
	readonly material_regret: T;
}

export interface RegretGrid {
	readonly alpha: readonly number[];
	readonly beta: readonly number[];
	readonly gamma: readonly number[];
	/** SLAs, as quantiles of the latencies present. */
	readonly sla_quantiles: readonly number[];
	/** Arrival rates, as multiples of the median throughput of one replica. */
	readonly rate_multiples: readonly number[];
	/** How far from the best objective a choice may be, as a share of it. */
	readonly objective_tolerances: readonly number[];
}
