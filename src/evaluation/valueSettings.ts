/** The scenarios in which the value of knowing energy is worked out, as data/evaluation.yaml holds them. */
export interface ValueSettings {
	/** Arrival rates as multiples of the median throughput over the choice set. */
	readonly rate_multiples: readonly number[];
	readonly weights: readonly { readonly alpha: number; readonly beta: number }[];
	readonly gamma: number;
	/** Shares by which accuracy may be lower, and cost higher, than those of IPA's choice. */
	readonly tolerances: readonly number[];
	/** Quantiles of the scenarios that are shown. */
	readonly quantiles: readonly number[];
	/** Resamples of the networks. */
	readonly resamples: number;
	/** Mean load of the scaled trace, as a multiple of the median throughput over the choice set. */
	readonly trace_multiple: number;
	/** Seconds for which a configuration stays on the trace. */
	readonly trace_step_s: number;
}
