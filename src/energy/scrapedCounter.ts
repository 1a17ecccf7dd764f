import type { Series } from "./prometheusApi.js";
import type { RefusalCause } from "./reading.js";

/** What a scraped counter counted between its first and its last sample. */
export type ScrapedCount =
	| {
			readonly status: "counted";
			/** In the counter's own unit. */
			readonly counted: number;
			readonly duration_s: number;
			readonly samples: number;
			/** Times at which it began anew: an exporter or a node that was started again. */
			readonly resets: number;
			/** The largest rise between two samples: about what the scrape's moment can move. */
			readonly resolution: number;
			/** The longest time without a sample, and the usual one, s. */
			readonly longestGap_s: number;
			readonly usualGap_s: number;
	  }
	| { readonly status: "fault"; readonly cause: RefusalCause; readonly reason: string };

/** How old a value may be when it is scraped, s: dcgm-exporter looks every 30 s by default. */
const oldest_s = 30;

/**
 * Differences a scraped counter sample by sample. A fall is a reset: the counter began at 0 again, so what it shows was
 * counted since; what it counted between the sample before and its end is lost, so the sum is then a lower bound, and
 * `resets` says so. A missed scrape loses nothing, since the counter goes on.
 *
 * @param ceiling more than what it can count in a second: a larger rise is malformed
 */
export function scrapedCount({ time_s, values }: Series, ceiling = Number.POSITIVE_INFINITY): ScrapedCount {
	const count = values.length;
	if (count < 2)
		return {
			status: "fault",
			cause: "too-few-samples",
			reason: `${count === 0 ? "no sample" : "one sample"} in the window`,
		};
	let counted = 0;
	let resets = 0;
	let resolution = 0;
	const gaps: number[] = [];
	for (let i = 0; i < count; i++) {
		const value = values[i] as number;
		if (!Number.isFinite(value) || value < 0)
			return { status: "fault", cause: "malformed", reason: `the counter shows ${value}` };
		if (i === 0) continue;
		const gap_s = (time_s[i] as number) - (time_s[i - 1] as number);
		if (!(gap_s > 0))
			return { status: "fault", cause: "clock-went-back", reason: `samples ${gap_s} s after one another` };
		gaps.push(gap_s);
		const before = values[i - 1] as number;
		const rise = value < before ? value : value - before;
		if (rise > ceiling * (gap_s + oldest_s))
			return { status: "fault", cause: "malformed", reason: `the counter rose by ${rise} in ${gap_s} s` };
		if (value < before) resets++;
		counted += rise;
		resolution = Math.max(resolution, rise);
	}
	gaps.sort((a, b) => a - b);
	return {
		status: "counted",
		counted,
		duration_s: (time_s.at(-1) as number) - (time_s[0] as number),
		samples: count,
		resets,
		resolution,
		longestGap_s: gaps.at(-1) as number,
		usualGap_s: gaps[Math.floor((gaps.length - 1) / 2)] as number,
	};
}
