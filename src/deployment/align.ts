import { quantileSorted } from "simple-statistics";
import { type AlignmentFlag, flagsOf, type Phase, phasesOf, served } from "./phases.js";
import { type PowerLog, powerSteps } from "./powerLog.js";

/** Where in a log its load is. */
export type Alignment =
	| {
			readonly status: "aligned";
			/** Begin of the load on the log's clock, s, to the second. */
			readonly load_start_s: number;
			/** The phases in their order, without gaps; `idle` only where the log begins before the set-up. */
			readonly phases: readonly Phase[];
			/** Requests/s above which the power no longer follows the load; absent where it always does, or where it cannot be told. */
			readonly flat_above_rps?: number;
			readonly flags: readonly AlignmentFlag[];
	  }
	| { readonly status: "undetermined"; readonly reason: string };

export interface AlignOptions {
	/** Seconds at the log's beginning in which nothing runs yet (the recipe's `sleep`), at least 3. */
	readonly idle_s: number;
	/** Begin of the load, s, where it is known; then nothing is searched for. */
	readonly at_s?: number;
	/**
	 * What else the power may follow, second by second of the load: the cores that decisions would keep busy. A log in which
	 * they were acted on does not follow its load alone.
	 */
	readonly courses?: readonly Float64Array[];
}

export const alignDefaults: AlignOptions = { idle_s: 10 };

/** How many times its own noise a fit must beat the alternative by, noise counted once an autocorrelation time. */
const clear = 4;
const nearby_s = 5;

/**
 * Finds the load in a log from the power and the trace that was replayed: of all seconds at which the load could begin
 * and of several capacities, those under which a constant level before, one after and level + W x served in between leave
 * the least squares. Undetermined where the log is shorter than the load, where no beginning explains the power better
 * than none, or where two that are more than 5 s apart explain it alike.
 *
 * Bursts are cut at the log's 98th percentile, so that none draws the beginning to itself.
 *
 * @param load_rps requests sent in each second of the load
 * @example
 * const load = [2, 2, 2, 2];
 * const watts = [70, 70, 70, 90, 90, 90, 90, 70, 70, 70];
 * const log = { name: "a", end_s: Float64Array.from(watts, (_, i) => i + 1), package_j: Float64Array.from(watts) };
 * align(log, load); // { status: "aligned", load_start_s: 3, … }
 */
export function align(
	log: PowerLog,
	load_rps: ArrayLike<number>,
	{ idle_s, at_s, courses = [] }: AlignOptions = alignDefaults,
): Alignment {
	const seconds = Math.floor((log.end_s.at(-1) as number) + 1e-9);
	const length = load_rps.length;
	if (seconds < length)
		return { status: "undetermined", reason: `a log of ${seconds} s cannot hold a load of ${length} s` };
	const raw = powerSteps(log, 0, seconds, 1);
	const cap = quantileSorted(
		[...raw].sort((a, b) => a - b),
		0.98,
	);
	const power = raw.map((w) => Math.min(w, cap));
	const fits = candidates(power, load_rps, courses).filter(
		({ start_s }) => at_s === undefined || start_s === Math.round(at_s),
	);
	if (fits.length === 0)
		return { status: "undetermined", reason: `a load that begins at ${at_s} s does not end within the log` };
	const best = least(fits);
	const none = centred(prefix(power), 0, seconds);
	const noise = (best.rss / seconds) * autocorrelationTime(power, load_rps.length, best);
	if (at_s === undefined && (!(none - best.rss > 10 * clear * noise) || best.level_w <= best.outside_w))
		return { status: "undetermined", reason: "no beginning of the load explains the power better than none" };
	const elsewhere = fits.filter(({ start_s }) => Math.abs(start_s - best.start_s) > nearby_s);
	const other = elsewhere.length === 0 ? undefined : least(elsewhere);
	if (other !== undefined && other.rss - best.rss < clear * noise)
		return {
			status: "undetermined",
			reason: `a load that begins at ${best.start_s} s and one at ${other.start_s} s explain the power alike`,
		};
	const { start_s } = best;
	const phases = phasesOf(start_s, length, seconds, idle_s);
	const flat_above_rps = flatAbove(power, load_rps, start_s, clear * noise);
	return {
		status: "aligned",
		load_start_s: start_s,
		phases,
		...(flat_above_rps === undefined ? {} : { flat_above_rps }),
		flags: flagsOf(raw, phases, (best.level_w + best.outside_w) / 2),
	};
}

interface Fit {
	readonly start_s: number;
	/** What the power follows, and how much of it, W. */
	readonly course: Float64Array;
	readonly slope: number;
	readonly rss: number;
	/** Mean power in the load and outside of it, W. */
	readonly level_w: number;
	readonly outside_w: number;
}

function candidates(power: Float64Array, load_rps: ArrayLike<number>, courses: readonly Float64Array[]): Fit[] {
	const seconds = power.length;
	const length = load_rps.length;
	const sums = prefix(power);
	const [lowest, highest] = [Math.min(...Array.from(load_rps)), Math.max(...Array.from(load_rps))];
	// One below the whole load, under which nothing but the begin and the end shows; then evenly up to its peak.
	const capacities = Array.from({ length: 12 }, (_, k) => lowest + ((highest - lowest) * k) / 12);
	capacities[0] = lowest / 2;
	// What drains after the load belongs to a capacity; without one all is served at once.
	const all = [
		Float64Array.from(load_rps),
		...courses,
		...capacities.filter((rate) => rate > 0).map((rate) => served(load_rps, rate)),
	];
	return all.flatMap((course) => {
		return Array.from({ length: seconds - length + 1 }, (_, start_s): Fit => {
			const busy = Math.min(course.length, seconds - start_s);
			const { slope, explained } = regress(course, power, start_s, busy);
			const inside = centred(sums, start_s, start_s + busy) - explained;
			const rss = inside + centred(sums, 0, start_s) + centred(sums, start_s + busy, seconds);
			const total = sumOf(sums, start_s, start_s + busy);
			const outside = seconds - busy;
			const outside_w = outside === 0 ? 0 : (sumOf(sums, 0, seconds) - total) / outside;
			return { start_s, course, slope, rss, level_w: total / busy, outside_w };
		});
	});
}

/** Least squares of the power on what is served; a power that falls with the load is none of a load's. */
function regress(x: Float64Array, power: Float64Array, from: number, count: number) {
	let [sx, sy, sxx, sxy] = [0, 0, 0, 0];
	for (let i = 0; i < count; i++) {
		const [a, b] = [x[i] as number, power[from + i] as number];
		sx += a;
		sy += b;
		sxx += a * a;
		sxy += a * b;
	}
	const [varies, together] = [sxx - (sx * sx) / count, sxy - (sx * sy) / count];
	const slope = varies > 1e-9 ? Math.max(0, together / varies) : 0;
	return { slope, explained: slope * together };
}

/** The capacity, of 200 within the load, that explains the power best; undefined where it is no clear gain on none. */
function flatAbove(
	power: Float64Array,
	load_rps: ArrayLike<number>,
	start_s: number,
	gain: number,
): number | undefined {
	const { length } = load_rps;
	const loads = Array.from(load_rps);
	const [lowest, highest] = [Math.min(...loads), Math.max(...loads)];
	const explained = (capacity_rps: number) => regress(served(load_rps, capacity_rps), power, start_s, length).explained;
	const tried = Array.from({ length: 199 }, (_, k) => lowest + ((highest - lowest) * (k + 1)) / 200);
	const best = tried.reduce((best, rate) => (explained(rate) > explained(best) ? rate : best));
	const [inside, free] = [explained(best), explained(Number.POSITIVE_INFINITY)];
	// Near either end nothing is left above it, or below it, to tell a bend from none.
	const within = best > lowest + 0.1 * (highest - lowest) && best < highest - 0.1 * (highest - lowest);
	return within && inside - free > gain ? best : undefined;
}

interface Sums {
	readonly first: Float64Array;
	readonly second: Float64Array;
}

function prefix(values: Float64Array): Sums {
	const first = new Float64Array(values.length + 1);
	const second = new Float64Array(values.length + 1);
	values.forEach((value, i) => {
		first[i + 1] = (first[i] as number) + value;
		second[i + 1] = (second[i] as number) + value * value;
	});
	return { first, second };
}

function sumOf({ first }: Sums, from: number, until: number): number {
	return (first[until] as number) - (first[from] as number);
}

/** Sum of squares about the mean of a stretch. */
function centred(sums: Sums, from: number, until: number): number {
	if (until <= from) return 0;
	return (
		(sums.second[until] as number) - (sums.second[from] as number) - sumOf(sums, from, until) ** 2 / (until - from)
	);
}

function least(fits: readonly Fit[]): Fit {
	return fits.reduce((best, fit) => (fit.rss < best.rss ? fit : best));
}

/** 1 + 2 x the sum of the residuals' autocorrelations until they fade, s. */
function autocorrelationTime(power: Float64Array, length: number, { start_s, course, slope }: Fit): number {
	const stretch = power.subarray(start_s, start_s + length);
	const residuals = stretch.map((w, i) => w - slope * (course[i] as number));
	const mean = residuals.reduce((sum, r) => sum + r, 0) / residuals.length;
	const at = (lag: number) => {
		let sum = 0;
		for (let i = lag; i < residuals.length; i++)
			sum += ((residuals[i] as number) - mean) * ((residuals[i - lag] as number) - mean);
		return sum;
	};
	const variance = at(0);
	let time = 1;
	for (let lag = 1; lag <= 60; lag++) {
		const correlation = at(lag) / variance;
		if (!(correlation > 0.05)) break;
		time += 2 * correlation;
	}
	return time;
}
