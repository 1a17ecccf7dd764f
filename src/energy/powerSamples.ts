import { ceilings_w } from "./plausible.js";
import type { RefusalCause } from "./reading.js";

/** Power at a moment of a monotonic clock. */
export interface PowerSample {
	readonly time_s: number;
	readonly power_w: number;
}

export type Integral =
	| { readonly status: "integral"; readonly energy_j: number; readonly duration_s: number }
	| {
			readonly status: "fault";
			readonly cause: Extract<RefusalCause, "too-few-samples" | "clock-went-back" | "malformed">;
			readonly reason: string;
	  };

/**
 * Energy between the first and the last sample, by trapezoids. A fault: fewer samples than `least`, two that are further
 * apart than `longestGap_s`, a time that does not rise, or a power that is no number from 0 to the ceiling.
 */
export function integrate(
	samples: readonly PowerSample[],
	{
		least,
		longestGap_s,
		ceiling_w = ceilings_w.node,
	}: { readonly least: number; readonly longestGap_s: number; readonly ceiling_w?: number },
): Integral {
	if (samples.length < least)
		return fault("too-few-samples", `${samples.length} samples in the window, at least ${least} needed`);
	let energy_j = 0;
	let last: PowerSample | undefined;
	for (const sample of samples) {
		if (!(sample.power_w >= 0 && sample.power_w <= ceiling_w))
			return fault("malformed", `a sample of ${sample.power_w} W, outside of 0 to ${ceiling_w} W`);
		if (last !== undefined) {
			const gap_s = sample.time_s - last.time_s;
			if (!(gap_s > 0)) return fault("clock-went-back", `a sample at ${sample.time_s} s after one at ${last.time_s} s`);
			if (gap_s > longestGap_s)
				return fault("too-few-samples", `${gap_s} s without a sample, at most ${longestGap_s} s`);
			energy_j += (gap_s * (last.power_w + sample.power_w)) / 2;
		}
		last = sample;
	}
	return { status: "integral", energy_j, duration_s: (last?.time_s ?? 0) - (samples[0]?.time_s ?? 0) };
}

function fault(cause: Extract<Integral, { status: "fault" }>["cause"], reason: string): Integral {
	return { status: "fault", cause, reason };
}
