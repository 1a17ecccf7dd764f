/**
 * SPROUT's choice for an hour (Li et al., EMNLP '24, arXiv 2403.12900): which share of requests gets which generation
 * directive (none, brief, brief+).
 */
export interface DirectiveHour {
	readonly intensity_g_per_kwh: number;
	/** Least and greatest intensity that the zone has had: between them the floor of quality falls. */
	readonly intensity_min: number;
	readonly intensity_max: number;
	/** Share of the quality without directives that may be given up at the greatest intensity. */
	readonly xi: number;
	/** Of each level, the first being no directive: per request, kWh and s. */
	readonly energy_kwh: readonly number[];
	readonly time_s: readonly number[];
	/** Share of prompts whose best answer is this level's. */
	readonly quality: readonly number[];
	/** Embodied carbon of the device, g per second of its use. */
	readonly embodied_g_per_s: number;
}

export type DirectiveMix =
	| {
			readonly status: "optimal";
			/** Share of requests of each level. */
			readonly shares: readonly number[];
			readonly grams_per_request: number;
			readonly quality: number;
			readonly quality_floor: number;
	  }
	/** No level reaches the floor. */
	| { readonly status: "infeasible"; readonly quality_floor: number };

/**
 * The mix of least grams a request whose quality keeps the floor: a linear programme with two constraints, so its optimum
 * is one level, or two whose mix stands exactly on the floor. Both kinds are looked through, for any number of levels.
 *
 * @example
 * const hour = { intensity_g_per_kwh: 100, intensity_min: 0, intensity_max: 200, xi: 0.2, energy_kwh: [4, 1],
 *   time_s: [0, 0], quality: [0.5, 0.4], embodied_g_per_s: 0 };
 * directiveMix(hour).shares; // [0.5, 0.5]: the floor is 0.45
 */
export function directiveMix(hour: DirectiveHour): DirectiveMix {
	const { intensity_g_per_kwh, energy_kwh, time_s, quality, embodied_g_per_s } = hour;
	const grams = energy_kwh.map((kwh, k) => kwh * intensity_g_per_kwh + embodied_g_per_s * time_s[k]!);
	const { intensity_min, intensity_max, xi } = hour;
	// A zone whose intensity never changes gives up nothing.
	const span = intensity_max - intensity_min;
	const quality_floor = (1 - (span === 0 ? 0 : (xi * (intensity_g_per_kwh - intensity_min)) / span)) * quality[0]!;
	let best: { readonly shares: readonly number[]; readonly grams: number } | undefined;
	const offer = (i: number, j: number, share: number) => {
		const total = share * grams[i]! + (1 - share) * grams[j]!;
		if (best !== undefined && !(total < best.grams)) return;
		best = { shares: grams.map((_, k) => (k === i ? share : 0) + (k === j ? 1 - share : 0)), grams: total };
	};
	for (let i = 0; i < grams.length; i++) {
		if (quality[i]! >= quality_floor - 1e-12) offer(i, i, 1);
		for (let j = 0; j < grams.length; j++) {
			if (!(quality[i]! > quality_floor && quality[j]! < quality_floor)) continue;
			offer(i, j, (quality_floor - quality[j]!) / (quality[i]! - quality[j]!));
		}
	}
	if (best === undefined) return { status: "infeasible", quality_floor };
	const { shares, grams: grams_per_request } = best;
	return {
		status: "optimal",
		shares,
		grams_per_request,
		quality: shares.reduce((sum, share, k) => sum + share * quality[k]!, 0),
		quality_floor,
	};
}

/** When SPROUT assesses quality again. */
export interface AssessmentRule {
	/** Rate at which confidence in the last assessment decays, per hour (0.029: half after a day). */
	readonly decay_per_hour: number;
	/** Never sooner than after so many hours, and always after so many. */
	readonly grace_hours: number;
	readonly max_idle_hours: number;
}

/**
 * Hours at which quality is assessed again, hour 0 being the first assessment: at local minima of the intensity, weighted
 * by the time since the last assessment, where it is at most the mean of all hours. That mean is of the hours to come: a
 * fault of the original, kept here so that its runs can be repeated.
 */
export function assessmentHours(intensities: ArrayLike<number>, rule: AssessmentRule): number[] {
	const { decay_per_hour, grace_hours, max_idle_hours } = rule;
	let mean = 0;
	for (let hour = 0; hour < intensities.length; hour++) mean += intensities[hour]! / intensities.length;
	const hours: number[] = [];
	let last = 0;
	let before = 0;
	for (let hour = 1; hour < intensities.length; hour++) {
		const weighted = (at: number) => intensities[at]! * Math.exp(decay_per_hour * (at - last));
		const gradient = weighted(hour) - weighted(hour - 1);
		const minimum = before <= 0 && gradient >= 0 && intensities[hour]! <= mean;
		if (hour - last >= max_idle_hours || (hour - last > grace_hours && minimum)) {
			hours.push(hour);
			last = hour;
		}
		before = gradient;
	}
	return hours;
}

/** An hour of SPROUT's evaluation, of each level (none, brief, brief+). */
export interface SproutHour {
	readonly intensity_g_per_kwh: number;
	readonly energy_kwh: readonly number[];
	readonly time_s: readonly number[];
	/** Preference shares in use, from the last assessment, and those of this hour's own prompts. */
	readonly quality: readonly number[];
	readonly trueQuality: readonly number[];
	/** Grams a request that its authors' run emitted without directives. */
	readonly base_g: number;
}

/** What directives did over a month of a zone. */
export interface SproutMonth {
	/** Share of the carbon that requests without directives emit. */
	readonly saved: number;
	/** Mean over the hours of the quality beside no directives. */
	readonly quality: number;
}

/** Embodied carbon of an A100 PCIe 40GB (26,356.568 g) over five years, g per second: SPROUT's constant. */
const sproutEmbodied_g_per_s = 26356.568 / 5 / 365 / 24 / 3600;

/**
 * SPROUT's policy over a zone's month, decided anew each hour by the exact mix.
 *
 * @param range least and greatest intensity of the zone's whole year
 * @throws RangeError where an hour has no mix
 */
export function sproutMonth(
	hours: readonly SproutHour[],
	range: { readonly min: number; readonly max: number },
	xi = 0.1,
): SproutMonth {
	let [emitted, base, quality] = [0, 0, 0];
	for (const { trueQuality, base_g, ...hour } of hours) {
		const mix = directiveMix({
			...hour,
			intensity_min: range.min,
			intensity_max: range.max,
			xi,
			embodied_g_per_s: sproutEmbodied_g_per_s,
		});
		if (mix.status === "infeasible") throw new RangeError(`no mix reaches the quality ${mix.quality_floor}`);
		emitted += mix.grams_per_request;
		base += base_g;
		quality += mix.shares.reduce((sum, share, k) => sum + share * trueQuality[k]!, 0) / trueQuality[0]!;
	}
	return { saved: 1 - emitted / base, quality: quality / hours.length };
}
