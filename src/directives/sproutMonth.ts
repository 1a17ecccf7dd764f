import { directiveMix } from "./sprout.js";

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
export const sproutEmbodied_g_per_s = 26356.568 / 5 / 365 / 24 / 3600;

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
