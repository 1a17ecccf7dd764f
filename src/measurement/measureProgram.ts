import { mean, sampleStandardDeviation } from "simple-statistics";
import { InputError } from "../errors.js";
import { coreLimit } from "../inference/pinned.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import { tInterval } from "../statistics/intervals.js";
import { programSource } from "./commandWorkloads.js";
import { type MeasureOptions, measurePlan } from "./measurePlan.js";
import type { Meters } from "./meters.js";
import { type Plan, planSchema } from "./plan.js";
import type { JournalRecord, MeasuredWindow } from "./records.js";
import { type CellEnergyMeasured, summarise } from "./summary.js";

/** How a program is measured. */
export interface ProgramOptions extends Pick<MeasureOptions, "signal" | "report" | "recorded"> {
	readonly meters: Meters;
	/** Runs before the first one that counts: at least 1. */
	readonly warmup: number;
	/** Windows that count: each a run, or as many as the energy source with the longest windows needs. */
	readonly runs: number;
	/** Idle baseline before and after, s, where there is an energy source. */
	readonly idle_s: number;
	/** A file that is the program's standard input; by default that is empty. */
	readonly input?: string | undefined;
	/** Runs count whatever their exit code is. */
	readonly ignoreFailure?: boolean;
	readonly seed?: number;
}

/** A mean over windows with Student's interval (level 0.95); none for one window. */
export interface MeanOf {
	readonly mean: number;
	readonly sd: number;
	readonly low?: number;
	readonly high?: number;
}

/** What a program took. Times are of a run. */
export interface ProgramMeasured {
	readonly status: "complete" | "stopped";
	readonly command: readonly string[];
	readonly windows: number;
	/** In all windows together. */
	readonly runs: number;
	readonly time_s: MeanOf;
	/** Least and greatest mean of a window, s. */
	readonly least_s: number;
	readonly most_s: number;
	/** CPU time of a run, user and system, of the program and those it waited for. */
	readonly cpu_s: Perhaps<number>;
	readonly energy: readonly ProgramEnergy[];
	readonly unavailable: Meters["unavailable"];
	/** Every window that counts, as the journal has it. */
	readonly measured: readonly MeasuredWindow[];
}

/** Energy of a run by one source. */
export interface ProgramEnergy {
	readonly probe: string;
	readonly energy: Perhaps<CellEnergyMeasured>;
}

/** What is asked of the harness for a program: a plan of one cell. */
export function programPlan(argv: readonly string[], { warmup, runs, idle_s, seed = 1 }: ProgramOptions): Plan {
	const cores = Math.max(1, Math.floor(coreLimit()));
	return planSchema.parse({
		name: "program",
		title: "A program of the command line",
		runner: { type: "command", argv: [...argv], request_unit: "run" },
		variants: [{ name: "program" }],
		batches: [1],
		cores: [cores],
		// A window is a run, unless a source needs longer ones.
		window_s: 1e-6,
		// So many runs and no more: the cap ends it after one, a variation under 1 after more.
		warm_up: { runs: Math.max(2, warmup), variation: 1, at_most_s: warmup < 2 ? 1e-6 : 1e9 },
		repetitions: { min: runs, max: runs, target_relative_interval: 1 },
		blocks: 1,
		idle_s,
		control: { steps: 2e7, every: 1 },
		seed,
		time_limit_s: 1e9,
	});
}

/**
 * Measures a program: warm-up runs, then windows of runs, watched by every energy source that is there, with idle baselines
 * before and after. Started directly, never through a shell.
 *
 * @throws InputError where it cannot be started, or ends with another exit code than 0
 */
export async function measureProgram(argv: readonly string[], options: ProgramOptions): Promise<ProgramMeasured> {
	const { meters, input, ignoreFailure = false, signal, report, recorded } = options;
	const plan = programPlan(argv, options);
	const failure = (reason: string) =>
		new InputError({
			file: argv.join(" "),
			rule: `must start and end with exit code 0 (--ignore-failure counts other ends too): ${reason}`,
		});
	const { status, records } = await measurePlan(plan, {
		meters,
		workloads: programSource({ argv, stdin: input, ignoreFailure, failure }),
		...(signal === undefined ? {} : { signal }),
		...(report === undefined ? {} : { report }),
		...(recorded === undefined ? {} : { recorded }),
	});
	const measured = records.flatMap((record) => (record.type === "repetition" ? [record.window] : []));
	const [own] = summarise(plan, [records]);
	const times_s = measured.map(({ latency_mean_s }) => latency_mean_s);
	return {
		status,
		command: argv,
		windows: measured.length,
		runs: measured.reduce((sum, { batches }) => sum + batches, 0),
		time_s: meanOf(times_s),
		least_s: Math.min(...times_s),
		most_s: Math.max(...times_s),
		cpu_s: cpuOf(own?.cpu_s_per_batch),
		energy: meters.available.map(({ name }, i) => ({ probe: name, energy: energyBy(plan, records, i) })),
		unavailable: meters.unavailable,
		measured,
	};
}

/** The kernel counts other processes' time in steps: none in all windows says less than one. */
function cpuOf(cpu_s: Perhaps<number> = unavailable("stopped before the first run")): Perhaps<number> {
	return cpu_s.status === "available" && cpu_s.value === 0
		? unavailable("below the kernel's step of 10 ms in all windows together")
		: cpu_s;
}

/** The same run as if the source at this position were the preferred one. */
function energyBy(plan: Plan, records: readonly JournalRecord[], position: number): ProgramEnergy["energy"] {
	const first = <T>(readings: readonly T[]): T[] => {
		const own = readings[position];
		return own === undefined ? [] : [own, ...readings.filter((_, i) => i !== position)];
	};
	const turned = records.map((record): JournalRecord => {
		if (record.type === "idle") return { ...record, readings: first(record.readings) };
		if (record.type !== "repetition" && record.type !== "control") return record;
		return { ...record, window: { ...record.window, readings: first(record.window.readings) } };
	});
	return summarise(plan, [turned])[0]?.energy ?? unavailable("stopped before the first run");
}

/** The mean of values and its interval. */
export function meanOf(values: readonly number[]): MeanOf {
	if (values.length < 2) return { mean: values[0] ?? Number.NaN, sd: Number.NaN };
	const [centre, sd] = [mean([...values]), sampleStandardDeviation([...values])];
	const interval = tInterval(centre, sd, values.length);
	return { mean: centre, sd, ...(interval.status === "ok" ? { low: interval.low, high: interval.high } : {}) };
}

/** One quantity of a measured program, as a table and every export have it. */
export interface ProgramQuantity {
	readonly quantity: string;
	readonly unit: string;
	readonly value: Perhaps<MeanOf>;
	/** Windows that it is of. */
	readonly windows: number;
	readonly kind: "measured" | "modelled";
	readonly source: string;
}

/** Time, CPU time, and by each source energy, energy above idle and power, of a run. */
export function programQuantities({ time_s, cpu_s, energy, windows }: ProgramMeasured): readonly ProgramQuantity[] {
	const single = (value: Perhaps<number>): Perhaps<MeanOf> =>
		value.status === "available" ? available({ mean: value.value, sd: Number.NaN }) : value;
	const row = (quantity: string, unit: string, value: Perhaps<MeanOf>, more: Partial<ProgramQuantity> = {}) => ({
		quantity,
		unit,
		value,
		windows,
		kind: "measured" as const,
		source: "clock",
		...more,
	});
	return [
		row("time", "s", windows === 0 ? unavailable("stopped before the first run") : available(time_s)),
		row("CPU time", "s", single(cpu_s), { source: "kernel" }),
		...energy.flatMap(({ probe, energy: own }) => {
			if (own.status === "unavailable") return [row("energy", "J", own, { source: probe })];
			const { gross_j, gross_sd_j, gross_relative_interval: width, repetitions, kind, covers, ...rest } = own.value;
			const more = { source: `${probe} (${covers.join(", ")})`, windows: repetitions, kind };
			const gross = { mean: gross_j, sd: gross_sd_j, low: gross_j * (1 - width), high: gross_j * (1 + width) };
			return [
				row("energy", "J", available(gross), more),
				row("energy above idle", "J", single(rest.idle_subtracted_j), more),
				row("power", "W", single(available(rest.power_w)), more),
				row("idle power", "W", single(rest.idle_power_w), more),
			];
		}),
	];
}
