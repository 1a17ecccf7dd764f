import { medianSorted } from "simple-statistics";
import { InputError } from "../errors.js";

/** What a meter wrote of one recording: the energy of each interval, by the end of the interval on the log's own clock. */
export interface PowerLog {
	readonly name: string;
	/** The node's clock when the recording began, as written, where it is. */
	readonly started?: string;
	/** Ends of the intervals, rising, s from the start of the recording. */
	readonly end_s: Float64Array;
	/** Energy of all CPU packages in each interval, J. */
	readonly package_j: Float64Array;
	/** Energy of the memory in each interval, J, where it was metered. */
	readonly dram_j?: Float64Array;
}

/** What a log may hold: a server's package power as a mean, and as a sample. */
export interface PowerLimits {
	/** Lowest mean power of the packages that a running server can draw, W. */
	readonly least_w: number;
	/** Highest power of one interval, W. */
	readonly most_w: number;
}

/**
 * A server with its packages in their deepest sleep still draws several watts (a published log of 0.6 J idle and 1.4 J
 * busy a second on two sockets is no server's); eight sockets of 500 W and their turbo stay below 6 kW.
 */
export const powerLimits: PowerLimits = { least_w: 5, most_w: 6000 };

/**
 * Returns the log where it is one that can be integrated. Throws InputError that begins with the fault's name: `gap` (an
 * interval half as long again as the median, or a doubled line's zero), `short-interval` (under half of the median, and
 * not the last, which perf cuts), `clock-went-back`, `zero`, `negative`, `impossible-level`, `too-few-samples`.
 *
 * @example
 * checkPowerLog({ name: "a", end_s: Float64Array.of(1, 2, 3), package_j: Float64Array.of(75, 76, 75) });
 */
export function checkPowerLog(log: PowerLog, { least_w, most_w }: PowerLimits = powerLimits): PowerLog {
	const { name, end_s, package_j, dram_j } = log;
	const fail = (rule: string, i: number, value: unknown): never => {
		throw new InputError({ file: name, field: `interval that ends at ${end_s[i]} s`, rule, value });
	};
	if (end_s.length < 3)
		throw new InputError({ file: name, rule: "too-few-samples: must have at least 3 intervals", value: end_s.length });
	const lengths = Float64Array.from(end_s, (end, i) => end - (end_s[i - 1] ?? 0));
	const usual_s = medianSorted([...lengths].sort((a, b) => a - b));
	for (const [i, length] of lengths.entries()) {
		if (!(length > 0)) fail("clock-went-back: must end after the one before it", i, end_s[i]);
		if (length > 1.5 * usual_s) fail(`gap: must be near ${usual_s} s long, what the others are`, i, length);
		if (length < 0.5 * usual_s && i < lengths.length - 1)
			fail(`short-interval: only the last may be under half of the usual ${usual_s} s`, i, length);
		for (const joules of [package_j, ...(dram_j === undefined ? [] : [dram_j])]) {
			const energy = joules[i] as number;
			if (energy === 0) fail("zero: must have counted something, as any running machine's meter does", i, energy);
			if (!(energy > 0)) fail("negative: must be an energy above 0, J", i, energy);
		}
		if ((package_j[i] as number) / length > most_w)
			fail(`impossible-level: must be at most ${most_w} W`, i, (package_j[i] as number) / length);
	}
	const mean_w = meanPower(log, 0, end_s.at(-1) as number);
	if (mean_w < least_w)
		throw new InputError({
			file: name,
			rule: `impossible-level: must have a mean package power of ${least_w} W or more, as a server's packages do`,
			value: mean_w,
		});
	return log;
}

/**
 * Mean power between two moments of the log's clock, W. An interval that a moment cuts counts by its share: the meter
 * says nothing of the course within.
 */
export function meanPower(
	{ end_s, package_j, dram_j }: PowerLog,
	from_s: number,
	until_s: number,
	domain: "package" | "dram" = "package",
): number {
	const joules = domain === "package" ? package_j : dram_j;
	if (joules === undefined) throw new RangeError("the log has no DRAM energy");
	let energy_j = 0;
	let covered_s = 0;
	for (let i = firstEndingAfter(end_s, from_s); i < end_s.length; i++) {
		const begin = end_s[i - 1] ?? 0;
		if (begin >= until_s) break;
		const end = end_s[i] as number;
		const within = Math.min(end, until_s) - Math.max(begin, from_s);
		energy_j += ((joules[i] as number) * within) / (end - begin);
		covered_s += within;
	}
	return energy_j / covered_s;
}

function firstEndingAfter(end_s: Float64Array, moment_s: number): number {
	let low = 0;
	let high = end_s.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((end_s[middle] as number) > moment_s) high = middle;
		else low = middle + 1;
	}
	return low;
}

/** Mean power of each stretch of `step_s` from `from_s` on, W; only stretches that the log covers whole. */
export function powerSteps(log: PowerLog, from_s: number, count: number, step_s: number): Float64Array {
	return Float64Array.from({ length: count }, (_, k) => meanPower(log, from_s + k * step_s, from_s + (k + 1) * step_s));
}
