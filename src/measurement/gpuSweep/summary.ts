import { mean, sampleStandardDeviation } from "simple-statistics";
import { InputError } from "../../errors.js";
import { groupBy } from "../../group.js";
import type { Perhaps } from "../records.js";
import { relativeHalfWidth } from "../repetitions.js";
import { idlePowersOf } from "./idlePower.js";
import type { SweepJournal } from "./readSweep.js";
import type { Joules, SweepWindow } from "./records.js";

/** What a cell's id says: `<variant>[+<variant>]/<precision>/b<batch>[/x<tenants>]`. */
export interface SweepCell {
	readonly id: string;
	readonly variants: readonly string[];
	readonly precision: string;
	readonly batch: number;
	readonly tenants: number;
}

/** What the repetitions of a cell come to. Energies are J an image, means over the repetitions. */
export interface SweepSummary {
	readonly cell: SweepCell;
	readonly repetitions: number;
	/** Mean over the repetitions of the mean, the median and the 99th percentile of a batch's latency, s. */
	readonly latency_s: number;
	readonly latency_p50_s: number;
	readonly latency_p99_s: number;
	readonly latency_relative_interval: number;
	/** Fewest batches that a window's latencies are of: with under 100 the 99th percentile is next to the greatest. */
	readonly latency_batches: number;
	/** Images a second of all tenants together, between the windows' ends. */
	readonly throughput_rps: number;
	readonly draw_s: number;
	readonly stages_s: readonly number[];
	/** By the total-energy counter: the cell's energy. */
	readonly counter: Perhaps<SweepEnergy>;
	/** By instant power, integrated over the same windows. */
	readonly integrated: Perhaps<SweepEnergy>;
	/** integrated / counter - 1, the mean over the repetitions that have both. */
	readonly disagreement: Perhaps<number>;
	readonly idle_subtracted: Perhaps<{ readonly energy_j_per_image: number; readonly repetitions: number }>;
	/** Warm-ups that ended at their time limit with latencies that still varied. */
	readonly unsettled: number;
	readonly temperature_c: Perhaps<number>;
	readonly sm_clock_mhz: Perhaps<number>;
	readonly memory_clock_mhz: Perhaps<number>;
	readonly utilisation_pct: Perhaps<number>;
	/** Why the clocks were held down, in any repetition. */
	readonly events: Perhaps<readonly string[]>;
	/** Most processes on the GPU at once beyond the cell's own tenants. */
	readonly other_processes: Perhaps<number>;
}

export interface SweepEnergy {
	readonly repetitions: number;
	readonly energy_j_per_image: number;
	/** Sample standard deviation over the repetitions. */
	readonly sd_j_per_image: number;
	/** Half-width of Student's interval (level 0.95) of the mean, as a share of it. */
	readonly relative_interval: number;
	readonly power_w: number;
}

/** Repetitions of each cell of the grid that has one, in the grid's order; the control's windows are not among them. */
export function summariseSweep(journals: readonly SweepJournal[]): readonly SweepSummary[] {
	const taken = journals.flatMap((journal) => {
		const idle = idlePowersOf(journal);
		return journal.windows.flatMap((window) =>
			window.control ? [] : [{ window, idle_w: idle.get(window.call)?.power_w }],
		);
	});
	const groups = groupBy(taken, ({ window }) => window.cell);
	const order = journals[0]?.header.grid ?? [];
	return order.flatMap((id) => {
		const group = groups.get(id);
		return group === undefined ? [] : [summaryOf(cellOf(id), group)];
	});
}

/** Throws InputError where an id is not in the form of the sweep's. */
export function cellOf(id: string): SweepCell {
	const [, names, precision, batch, tenants] = /^([\w+]+)\/(fp32|fp16)\/b(\d+)(?:\/x(\d+))?$/.exec(id) ?? [];
	if (names === undefined || precision === undefined)
		throw new InputError({ file: "journal", field: "cell", rule: "must be variants/precision/b<batch>", value: id });
	return { id, variants: names.split("+"), precision, batch: Number(batch), tenants: Number(tenants ?? 1) };
}

interface Taken {
	readonly window: SweepWindow;
	readonly idle_w: number | undefined;
}

function summaryOf(cell: SweepCell, taken: readonly Taken[]): SweepSummary {
	const windows = taken.map(({ window }) => window);
	const both = windows.flatMap(({ counter, integrated }) =>
		counter.status === "available" && integrated.status === "available"
			? [integrated.energy_j / counter.energy_j - 1]
			: [],
	);
	const latencies = windows.map(({ latency_s }) => latency_s.mean);
	const state = (name: "temperature_c" | "sm_clock_mhz" | "memory_clock_mhz" | "utilisation_pct") =>
		known(
			windows.flatMap((window) => window.state[name]?.mean ?? []),
			mean,
		);
	return {
		cell,
		repetitions: windows.length,
		latency_s: mean(latencies),
		latency_p50_s: mean(windows.map(({ latency_s }) => latency_s.p50)),
		latency_p99_s: mean(windows.map(({ latency_s }) => latency_s.p99)),
		latency_relative_interval: relativeHalfWidth(latencies),
		latency_batches: Math.min(...windows.map(({ latency_s }) => latency_s.count)),
		throughput_rps: sum(windows.map(({ images }) => images)) / sum(windows.map(duration)),
		draw_s: mean(windows.map(({ draw_s }) => draw_s)),
		stages_s: cell.variants.map((_, i) => mean(windows.map(({ stages_s }) => stages_s[i] ?? 0))),
		counter: energyOf(windows, ({ counter }) => counter),
		integrated: energyOf(windows, ({ integrated }) => integrated),
		disagreement: both.length === 0 ? unavailable("no window has both energies") : available(mean(both)),
		idle_subtracted: idleSubtracted(taken),
		unsettled: windows.filter(({ warm_ups }) => warm_ups.some(({ settled }) => !settled)).length,
		temperature_c: state("temperature_c"),
		sm_clock_mhz: state("sm_clock_mhz"),
		memory_clock_mhz: state("memory_clock_mhz"),
		utilisation_pct: state("utilisation_pct"),
		events: known(
			windows.flatMap(({ state: { events } }) => (events === undefined ? [] : [Object.keys(events)])),
			(names) => [...new Set(names.flat())].sort(),
		),
		other_processes: known(
			windows.flatMap((window) => window.state.compute_processes?.max ?? []),
			(counts) => Math.max(0, Math.max(...counts) - cell.tenants),
		),
	};
}

function energyOf(windows: readonly SweepWindow[], by: (window: SweepWindow) => Joules): Perhaps<SweepEnergy> {
	const read = windows.flatMap((window) => {
		const energy = by(window);
		return energy.status === "available" ? [{ energy_j: energy.energy_j, window }] : [];
	});
	if (read.length < 2) {
		const reasons = new Set(
			windows.flatMap((window) => {
				const energy = by(window);
				return energy.status === "unavailable" ? [energy.reason] : [];
			}),
		);
		return unavailable(
			[`${read.length} of ${windows.length} repetitions have an energy, at least 2 needed`, ...reasons].join("; "),
		);
	}
	const values = read.map(({ energy_j, window }) => energy_j / window.images);
	return available({
		repetitions: read.length,
		energy_j_per_image: mean(values),
		sd_j_per_image: sampleStandardDeviation(values),
		relative_interval: relativeHalfWidth(values),
		power_w: sum(read.map(({ energy_j }) => energy_j)) / sum(read.map(({ window }) => duration(window))),
	});
}

function idleSubtracted(taken: readonly Taken[]): SweepSummary["idle_subtracted"] {
	const values = taken.flatMap(({ window, idle_w }) =>
		window.counter.status === "available" && idle_w !== undefined
			? [(window.counter.energy_j - idle_w * duration(window)) / window.images]
			: [],
	);
	return values.length === 0
		? unavailable("no window with an energy whose call has idle power before and after")
		: available({ energy_j_per_image: mean(values), repetitions: values.length });
}

function duration({ start_s, end_s }: { readonly start_s: number; readonly end_s: number }): number {
	return end_s - start_s;
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

/** What the readings come to, where there are any. */
function known<T, R>(readings: T[], of: (readings: T[]) => R): Perhaps<R> {
	return readings.length === 0 ? unavailable("not read") : available(of(readings));
}

function available<T>(value: T): Perhaps<T> {
	return { status: "available", value };
}

function unavailable(reason: string): { readonly status: "unavailable"; readonly reason: string } {
	return { status: "unavailable", reason };
}
