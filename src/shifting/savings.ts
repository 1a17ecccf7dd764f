import type { Random } from "../random.js";
import { normalQuantile as quantile } from "../statistics/distributions.js";
import { cheapestRun, cheapestSlots, prefixSums } from "./slots.js";

/**
 * When a service decides anew as the grid changes: at the first step, then at each at which the intensity has moved by more
 * than a share of a reference since the last decision (CLOVER's trigger; 5 % of 250 g/kWh in its code).
 *
 * @param intensities g/kWh, of consecutive steps
 * @param reference_g_per_kwh what the share is of; CLOVER has a fixed one, not the step's
 * @returns indices of the steps, ascending
 * @example
 * decisionSteps([100, 104, 120, 121], { share: 0.05, reference_g_per_kwh: 250 }); // [0, 2]
 */
export function decisionSteps(
	intensities: ArrayLike<number>,
	{ share, reference_g_per_kwh }: { readonly share: number; readonly reference_g_per_kwh: number },
): number[] {
	const steps: number[] = [];
	let last = 0;
	for (let k = 0; k < intensities.length; k++) {
		const moved = Math.abs(intensities[k]! - last) / reference_g_per_kwh;
		if (steps.length > 0 && !(moved > share)) continue;
		last = intensities[k]!;
		steps.push(k);
	}
	return steps;
}

/**
 * Weight of energy that follows the grid: the weight that stands for a mean kWh, times how dirty a kWh of this step is.
 *
 * @param delta weight per J where the intensity is `mean_g_per_kwh`
 */
export function carbonWeight(delta: number, intensity_g_per_kwh: number, mean_g_per_kwh: number): number {
	return mean_g_per_kwh === 0 ? delta : (delta * intensity_g_per_kwh) / mean_g_per_kwh;
}

/** A job to be placed in time; slots are those of the series. */
export interface FlexibleJob {
	/** Slots that it takes. */
	readonly length: number;
	/** Slots by which its end may be put off: a deadline of start + length + slack. */
	readonly slack: number;
	/** Whether it may pause between slots. */
	readonly interruptible: boolean;
}

/** What waiting saves, for each start date: shares of what beginning at once takes. */
export interface Savings {
	/** With the forecast, judged by what then happened; may be below 0. */
	readonly forecast: Float64Array;
	/** By an oracle that knows the future: an upper bound, no result. */
	readonly oracle: Float64Array;
	/** The first slot that the forecast chose, for each start date. */
	readonly begins: Int32Array;
}

/**
 * Shares of carbon (or money) that a job saves by waiting for the best slots before its deadline, for each slot at which it
 * could be submitted, beside beginning at once (0) and an oracle.
 *
 * @param actual the series as it came
 * @param forecast of the same length, as known when the job is submitted
 */
export function savings(actual: ArrayLike<number>, forecast: ArrayLike<number>, job: FlexibleJob): Savings {
	const { length, slack, interruptible } = job;
	if (forecast.length !== actual.length)
		throw new RangeError(`a forecast of ${forecast.length} values must have the ${actual.length} of the series`);
	const starts = Math.max(0, actual.length - length - slack + 1);
	const [sums, forecastSums] = [prefixSums(actual), prefixSums(forecast)];
	const shares = {
		forecast: new Float64Array(starts),
		oracle: new Float64Array(starts),
		begins: new Int32Array(starts),
	};
	for (let from = 0; from < starts; from++) {
		const window = { from, to: from + length + slack, length };
		const atOnce = sums[from + length]! - sums[from]!;
		const best = interruptible ? cheapestSlots(actual, window) : cheapestRun(actual, window, sums);
		const planned = interruptible ? cheapestSlots(forecast, window) : cheapestRun(forecast, window, forecastSums);
		const came = planned.slots.reduce((sum, slot) => sum + actual[slot]!, 0);
		shares.oracle[from] = saved(best.sum, atOnce);
		shares.begins[from] = planned.slots[0]!;
		shares.forecast[from] = saved(came, atOnce);
	}
	return shares;
}

/** Share saved; 0 where there was nothing to save. */
function saved(after: number, before: number): number {
	return before === 0 ? 0 : 1 - after / before;
}

/** The forecast that every slot will be as the one `period` before it; the first period is taken as known. */
export function persistence(actual: ArrayLike<number>, period: number): Float64Array {
	return Float64Array.from({ length: actual.length }, (_, k) => actual[k < period ? k : k - period]!);
}

/**
 * A forecast with independent normal errors, as Let's Wait Awhile has it: of standard deviation `relative` times the
 * series' mean. Errors of real forecasts grow with the horizon and hang together; this one is kinder.
 */
export function withForecastError(actual: ArrayLike<number>, relative: number, random: Random): Float64Array {
	const mean = prefixSums(actual)[actual.length]! / actual.length;
	return Float64Array.from({ length: actual.length }, (_, k) => {
		const uniform = Math.max(random(), Number.EPSILON);
		return actual[k]! + quantile(uniform, 0, relative * mean);
	});
}
