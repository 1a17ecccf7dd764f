/** Bounds as limits on sums: what the search works with. */
export interface Limits {
	readonly latency_s: number;
	/** The SLA itself is not allowed (IPA's enumeration). */
	readonly strict: boolean;
	readonly cost_cores: number;
	readonly energy_j: number;
	/** The limit on energy is that of a bound on power. */
	readonly power: boolean;
	readonly accuracy: number;
	/** Bounds as they were asked for, without the slack for rounding: what is told. */
	readonly asked: { readonly cost_cores: number; readonly energy_j: number; readonly power_w: number };
}

/** Is a whole configuration's latency over the limit? Summed stage by stage, as `configuration` does. */
export function misses(latency_s: number, { latency_s: limit, strict }: Limits): boolean {
	return strict ? latency_s >= limit : latency_s > limit;
}
