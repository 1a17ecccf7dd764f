import { InputError } from "../errors.js";
import { isoSeconds } from "./instants.js";

/** A value and the instant at which its interval begins; the line that it stands on, where there is a file. */
export interface SeriesPoint {
	readonly at_ms: number;
	readonly value: number;
	readonly file?: string;
	readonly line?: number;
}

/** Values at equal intervals of time. */
export interface Series {
	/** Start of the first interval, ms since 1970 UTC. */
	readonly start_ms: number;
	readonly interval_s: number;
	readonly values: Float64Array;
	/** Index of each value that no source gives: between its neighbours, because the caller asked for it. */
	readonly filled: readonly number[];
}

/** What to do where values are missing: refuse the series, or put them on the line between their neighbours. */
export type Gaps = "refuse" | "fill";

export interface SeriesOptions {
	/** What the series is, for messages: "carbon intensity of GB". */
	readonly name: string;
	readonly gaps?: Gaps;
	/** The interval, where it is known; else it is found. */
	readonly interval_s?: number;
	/** The part that is wanted: from the last value that begins by from_ms, to the last before to_ms. */
	readonly from_ms?: number;
	readonly to_ms?: number;
}

/**
 * The series that points make, read by their timestamps: their order does not matter, the interval is the most frequent
 * distance of two (given, where there is one point alone), every point must lie on its grid, none may come twice, and one
 * that is missing is named, or filled on request and told in `filled`.
 *
 * @throws InputError naming the line and the time at fault
 * @example
 * regularSeries([{ at_ms: 3.6e6, value: 2 }, { at_ms: 0, value: 1 }], { name: "x" }).values; // [1, 2], hourly
 */
export function regularSeries(points: readonly SeriesPoint[], options: SeriesOptions): Series {
	const {
		name,
		gaps = "refuse",
		interval_s,
		from_ms = Number.NEGATIVE_INFINITY,
		to_ms = Number.POSITIVE_INFINITY,
	} = options;
	const all = points.every(({ at_ms }, i) => i === 0 || at_ms >= points[i - 1]!.at_ms)
		? points
		: [...points].sort((a, b) => a.at_ms - b.at_ms);
	if (all.length === 0) throw new InputError({ file: name, rule: "must have at least one value" });
	const step_ms = interval_s === undefined ? mostFrequentStep(all, name) : interval_s * 1000;
	const begun = Math.max(
		0,
		all.findLastIndex(({ at_ms }) => at_ms <= from_ms),
	);
	const sorted = all.slice(begun).filter(({ at_ms }, i) => i === 0 || at_ms < to_ms);
	const first = sorted[0]!;
	const last = sorted.at(-1)!;
	const values = new Float64Array(Math.round((last.at_ms - first.at_ms) / step_ms) + 1);
	const filled: number[] = [];
	let next = 0;
	sorted.forEach((point, i) => {
		const index = (point.at_ms - first.at_ms) / step_ms;
		const fault = (rule: string): never => {
			throw new InputError({ ...place(point, name), field: isoSeconds(point.at_ms), rule });
		};
		if (i > 0 && point.at_ms === sorted[i - 1]!.at_ms) fault(`must not repeat ${repeated(sorted[i - 1]!)}`);
		if (!Number.isInteger(index))
			fault(`must be a whole number of steps of ${minutes(step_ms)} from ${isoSeconds(first.at_ms)}`);
		if (index > next) {
			if (gaps === "refuse") fault(missing(next, index, first.at_ms, step_ms));
			const before = values[next - 1]!;
			for (let k = next; k < index; k++) {
				values[k] = before + ((point.value - before) * (k - next + 1)) / (index - next + 1);
				filled.push(k);
			}
		}
		values[index] = point.value;
		next = index + 1;
	});
	return { start_ms: first.at_ms, interval_s: step_ms / 1000, values, filled };
}

/**
 * Means of a series over consecutive hours from an instant on; hours that it covers only in part are left out. Where its
 * interval is longer than an hour, its value holds for each hour of it.
 *
 * @param name what the series is, for messages
 * @param field the option that gave `start_ms`, for messages
 * @throws InputError where the series does not begin an interval at `start_ms`, or its interval and an hour do not fit
 */
export function hourlyFrom(
	{ start_ms, interval_s, values }: Series,
	from_ms: number,
	{ name, field = "start" }: { readonly name: string; readonly field?: string },
): Float64Array {
	const value = isoSeconds(from_ms);
	const perHour = 3600 / interval_s;
	if (!Number.isInteger(perHour) && !Number.isInteger(1 / perHour))
		throw new InputError({
			file: name,
			rule: `must have steps that an hour is a multiple of, received ${interval_s} s`,
		});
	// A series of days or of 3 hours may be entered at any of its hours.
	const unit_ms = 1000 * Math.min(interval_s, 3600);
	const offset = (from_ms - start_ms) / unit_ms;
	const units = values.length * Math.max(1, 1 / perHour);
	if (!Number.isInteger(offset) || offset < 0 || offset >= units)
		throw new InputError({ file: name, field, rule: "must be an hour of the series", value });
	if (perHour <= 1)
		return Float64Array.from(
			{ length: units - offset },
			(_, k) => values[Math.floor((offset + k) / (interval_s / 3600))]!,
		);
	return Float64Array.from({ length: Math.floor((units - offset) / perHour) }, (_, hour) => {
		let sum = 0;
		for (let k = 0; k < perHour; k++) sum += values[offset + hour * perHour + k]!;
		return sum / perHour;
	});
}

/** The part of a series in [from_ms, to_ms), both on its grid; what lies outside it is left out. */
export function sliceSeries(series: Series, from_ms: number, to_ms: number): Series {
	const step_ms = series.interval_s * 1000;
	const from = Math.max(0, Math.ceil((from_ms - series.start_ms) / step_ms));
	const to = Math.max(from, Math.min(series.values.length, Math.ceil((to_ms - series.start_ms) / step_ms)));
	return {
		start_ms: series.start_ms + from * step_ms,
		interval_s: series.interval_s,
		values: series.values.subarray(from, to),
		filled: series.filled.filter((k) => k >= from && k < to).map((k) => k - from),
	};
}

function mostFrequentStep(sorted: readonly SeriesPoint[], name: string): number {
	const counts = new Map<number, number>();
	for (let i = 1; i < sorted.length; i++) {
		const step = sorted[i]!.at_ms - sorted[i - 1]!.at_ms;
		if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
	}
	let best = 3_600_000;
	let most = 0;
	for (const [step, count] of counts)
		if (count > most || (count === most && step < best)) {
			best = step;
			most = count;
		}
	if (best % 60_000 !== 0 || 86_400_000 % best !== 0)
		throw new InputError({
			...place(sorted[0]!, name),
			rule: "must have an interval of whole minutes that a day is a multiple of",
			value: `${best / 1000} s`,
		});
	return best;
}

function missing(from: number, to: number, start_ms: number, step_ms: number): string {
	const at = (index: number) => isoSeconds(start_ms + index * step_ms);
	const many = to - from;
	const which = many === 1 ? `${at(from)} is missing` : `${at(from)} to ${at(to - 1)} are missing (${many} values)`;
	return `must follow the value before it by ${minutes(step_ms)}: ${which} (with gaps: "fill" they are put between their neighbours)`;
}

const minutes = (step_ms: number): string => `${step_ms / 60_000} min`;

function place({ file, line }: SeriesPoint, name: string): { readonly file: string; readonly line?: number } {
	return { file: file ?? name, ...(line === undefined ? {} : { line }) };
}

const repeated = ({ line }: SeriesPoint): string => (line === undefined ? "a time" : `the time of line ${line}`);
