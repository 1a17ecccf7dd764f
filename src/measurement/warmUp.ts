import { mean, sampleStandardDeviation } from "simple-statistics";
import type { Plan } from "./plan.js";

/** Have the last `runs` durations settled: standard deviation under `variation` of their mean? */
export function settled(durations_s: readonly number[], { runs, variation }: Plan["warm_up"]): boolean {
	const last = durations_s.slice(-runs);
	return last.length === runs && sampleStandardDeviation(last) < variation * mean(last);
}

/**
 * Runs batches until their durations have settled, or until the next one would pass the cap (at least one runs).
 *
 * @param batch runs one batch and returns its duration, s
 */
export async function warmUp(
	rule: Plan["warm_up"],
	batch: () => Promise<number>,
): Promise<{ batches: number; stable: boolean }> {
	const durations: number[] = [];
	let spent_s = 0;
	for (;;) {
		const duration_s = await batch();
		durations.push(duration_s);
		spent_s += duration_s;
		if (settled(durations, rule)) return { batches: durations.length, stable: true };
		if (spent_s + duration_s > rule.at_most_s) return { batches: durations.length, stable: false };
	}
}
