import type { RefusalCause } from "./reading.js";

/** A counter of energy that only rises, until it passes its maximum and goes on from 0. */
export interface Counter {
	/** What it counts to before it begins at 0 again, J; Infinity for one that never does. */
	readonly range_j: number;
	/** More than what it counts can ever draw, W; Infinity where none is known. */
	readonly ceiling_w: number;
	/** How late a value may be: the counter's own update period, s. */
	readonly update_s: number;
}

/** A value of a counter, and the times on one monotonic clock between which it was read, s. */
export interface Observation {
	readonly value_j: number;
	readonly notBefore_s: number;
	readonly notAfter_s: number;
}

/** What was counted since the first observation. */
export interface Count {
	readonly status: "counted";
	readonly energy_j: number;
	readonly wraps: number;
	readonly samples: number;
	readonly first: Observation;
	readonly last: Observation;
}

/** Why nothing can be said of the energy between two observations. */
export interface CountFault {
	readonly status: "fault";
	readonly cause: Extract<RefusalCause, "wrapped-twice" | "reset" | "clock-went-back" | "malformed">;
	readonly reason: string;
}

/** Begins to count. */
export function countFrom(first: Observation): Count {
	return { status: "counted", energy_j: 0, wraps: 0, samples: 1, first, last: first };
}

/**
 * Goes on counting with the next observation. A value below the one before means one wrap, and `current + range -
 * previous` was counted. That is a number only where it is the only one: `wrapped-twice` where the time since the
 * observation before would have let the ceiling's power count a whole range more; `reset` where even one wrap needs
 * more than the ceiling; `malformed` for a value outside of the range, or a rise beyond the ceiling.
 */
export function countOn(counter: Counter, count: Count, next: Observation): Count | CountFault {
	const { last } = count;
	const { range_j, ceiling_w, update_s } = counter;
	if (!(next.value_j >= 0) || next.value_j > range_j)
		return fault("malformed", `the counter shows ${next.value_j} J, outside of 0 to ${range_j} J`);
	if (next.notAfter_s < last.notAfter_s || next.notBefore_s < last.notBefore_s)
		return fault("clock-went-back", `read at ${last.notAfter_s} s, then at ${next.notAfter_s} s`);
	const elapsed_s = next.notAfter_s - last.notBefore_s;
	const most_j = ceiling_w * (elapsed_s + update_s);
	const wrapped = next.value_j < last.value_j;
	const fell = `the counter fell from ${last.value_j} J to ${next.value_j} J in ${elapsed_s} s`;
	if (wrapped && range_j === Number.POSITIVE_INFINITY) return fault("reset", fell);
	const energy_j = next.value_j - last.value_j + (wrapped ? range_j : 0);
	if (energy_j > most_j)
		return wrapped
			? fault("reset", `${fell}: passing its maximum of ${range_j} J would have taken more than ${ceiling_w} W`)
			: fault("malformed", `the counter rose by ${energy_j} J in ${elapsed_s} s, more than ${ceiling_w} W`);
	if (range_j !== Number.POSITIVE_INFINITY && energy_j + range_j <= most_j)
		return fault(
			"wrapped-twice",
			`${elapsed_s} s without a reading: up to ${ceiling_w} W may have passed the maximum of ${range_j} J once more than can be seen`,
		);
	return {
		...count,
		energy_j: count.energy_j + energy_j,
		wraps: count.wraps + (wrapped ? 1 : 0),
		samples: count.samples + 1,
		last: next,
	};
}

function fault(cause: CountFault["cause"], reason: string): CountFault {
	return { status: "fault", cause, reason };
}
