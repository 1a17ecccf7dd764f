import { cheapestRun, cheapestSlots, type Deadline, deadline, prefixSums, type Slots } from "./slots.js";

/** The two experiments of Let's Wait Awhile (arXiv 2110.13234), on half-hours from the first of January 2020. */
const start_ms = Date.UTC(2020, 0, 1);
const step_min = 30;

/** A batch job: when it is submitted, and how long it runs, minutes from the start of the year. */
export interface BatchJob {
	readonly start_min: number;
	readonly duration_min: number;
}

/**
 * Mean intensity of a half-hour job at 01:00 on each of 365 nights, moved to the best slot within so many half-hours
 * before or after (the first of equals). As its code has it, a night whose window begins before the year is dropped, and
 * the sum is divided by 365 all the same.
 */
export function nightly(values: ArrayLike<number>, windowSteps: number): number {
	let sum = 0;
	for (let night = 0; night < 365; night++) {
		const at = night * 48 + 2;
		if (at < windowSteps) continue;
		const window = { from: at - windowSteps, to: at + windowSteps + 1, length: 1 };
		sum += cheapestSlots(values, window).sum;
	}
	return sum / 365;
}

/** Where a batch job runs, beside running it at once. */
export interface ShiftedJob {
	readonly slack_min: number;
	/** Chosen by the forecast. */
	readonly slots: Slots;
	/** Sums of the actual intensity over the slots chosen, and over the slots at once. */
	readonly sum: number;
	readonly atOnce: number;
}

/** Puts one batch job into the best slots before its deadline, by a forecast (the actual values where none is given). */
export function shiftedJob(
	actual: ArrayLike<number>,
	{ start_min, duration_min }: BatchJob,
	{ rule, interruptible, forecast = actual, sums }: BatchRule,
): ShiftedJob {
	const finish_ms = start_ms + (start_min + duration_min) * 60_000;
	const slack_min = (deadline(rule, finish_ms) - finish_ms) / 60_000;
	const from = start_min / step_min;
	const length = duration_min / step_min;
	const window = { from, to: from + length + slack_min / step_min, length };
	const slots = interruptible ? cheapestSlots(forecast, window) : cheapestRun(forecast, window, sums);
	let atOnce = 0;
	for (let slot = from; slot < from + length; slot++) atOnce += actual[slot]!;
	return { slack_min, slots, sum: slots.slots.reduce((sum, slot) => sum + actual[slot]!, 0), atOnce };
}

export interface BatchRule {
	readonly rule: Deadline;
	readonly interruptible: boolean;
	readonly forecast?: ArrayLike<number>;
	/** prefixSums of the forecast, where many jobs share it. */
	readonly sums?: Float64Array;
}

/** All jobs of a year: sums of intensity at once and shifted, and the share saved. */
export function batchSaving(
	actual: ArrayLike<number>,
	jobs: readonly BatchJob[],
	rule: BatchRule,
): { readonly atOnce: number; readonly shifted: number; readonly saved: number } {
	const sums = prefixSums(rule.forecast ?? actual);
	let [atOnce, shifted] = [0, 0];
	for (const job of jobs) {
		const one = shiftedJob(actual, job, { ...rule, sums });
		atOnce += one.atOnce;
		shifted += one.sum;
	}
	return { atOnce, shifted, saved: 1 - shifted / atOnce };
}
