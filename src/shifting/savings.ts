import quantile from "@stdlib/stats-base-dists-normal-quantile";
import type { Random } from "../random.js";
import { cheapestRun, cheapestSlots, prefixSums } from "./slots.js";

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
