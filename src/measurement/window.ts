import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { max, mean, quantile, sampleStandardDeviation } from "simple-statistics";
import { available, type Perhaps, unavailable } from "../outcome.js";
import type { Meter, MeterRun } from "./meters.js";
import type { Plan } from "./plan.js";
import { batchEnergy, type JournalRecord, type MeasuredWindow, type MeterReading } from "./records.js";
import { relativeHalfWidth, withinThreeSigma } from "./repetitions.js";
import type { CpuOf, ServedWindow, WindowLength, Workload } from "./workload.js";

/** Linux' USER_HZ: the unit of the times in /proc/pid/stat, the same on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** CPU time, user and system, spent so far, s; of other processes in steps of 10 ms. */
function cpuTime(of: CpuOf): Perhaps<number> {
	if (of === "self") {
		const { user, system } = process.cpuUsage();
		return available((user + system) / 1e6);
	}
	if (of === "elsewhere") return unavailable("the work is a server's, whose CPU time is its own");
	// Fields 14 and 15 of a process' own time, 16 and 17 of the children that it has waited for (proc_pid_stat(5)).
	if (of === "children") return ticks("/proc/self/stat", 16);
	const times = of.pids.map((pid) => ticks(`/proc/${pid}/stat`, 14));
	const missing = times.find(({ status }) => status === "unavailable");
	return missing ?? available(times.reduce((sum, time) => sum + (time.status === "available" ? time.value : 0), 0));
}

function ticks(file: string, field: number): Perhaps<number> {
	try {
		const stat = readFileSync(file, "utf8");
		// The second field, in parentheses, may hold spaces: the third follows its end.
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		return available((Number(fields[field - 3]) + Number(fields[field - 2])) / ticksPerSecond);
	} catch {
		return unavailable(`no ${file} on this system`);
	}
}

/**
 * Is the interval of a cell still wider than the plan's target, by its repetitions numbered below `before`? Both the
 * latency and, where there is one, the energy of a batch must be within it.
 */
export function unsettledCell(plan: Plan, records: readonly JournalRecord[], cell: string, before: number): boolean {
	const windows = records.flatMap((record) =>
		record.type === "repetition" && record.cell === cell && record.repetition < before ? [record.window] : [],
	);
	return (
		wide(windows.map(({ latency_mean_s }) => latency_mean_s)) ||
		wide(windows.flatMap((window) => batchEnergy(window) ?? []))
	);

	function wide(values: readonly number[]): boolean {
		// No energy at all is not an interval that more repetitions narrow.
		if (values.length === 0) return windows.length === 0;
		const { kept } = withinThreeSigma(values);
		return relativeHalfWidth(kept.map((i) => values[i] as number)) > plan.repetitions.target_relative_interval;
	}
}

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

/**
 * Runs batches one after another until the window is long enough, or serves requests as they come where the workload
 * does so, watched by every meter. Latency, CPU time and energy are of the same batches. Throws the signal's reason,
 * between two batches, when it is aborted.
 */
export async function measureWindow(
	workload: Pick<Workload, "runBatch" | "serve" | "cpuOf">,
	length: WindowLength,
	meters: readonly Meter[],
	signal: AbortSignal,
): Promise<MeasuredWindow> {
	const { value, readings } = await watched(meters, async () => {
		const started_at = new Date().toISOString();
		const cpuBefore = cpuTime(workload.cpuOf);
		const served = await (workload.serve?.(length, signal) ?? oneAfterAnother(workload, length, signal));
		return { started_at, served, cpu_s: difference(cpuBefore, cpuTime(workload.cpuOf)) };
	});
	const { latencies_s, batches, elapsed_s, counted = {} } = value.served;
	const latencies = [...latencies_s];
	return {
		started_at: value.started_at,
		elapsed_s,
		batches,
		latency_mean_s: mean(latencies),
		latency_p50_s: quantile(latencies, 0.5),
		latency_p99_s: quantile(latencies, 0.99),
		latency_max_s: max(latencies),
		cpu_s: value.cpu_s,
		...(Object.keys(counted).length === 0 ? {} : { counted }),
		readings,
	};
}

async function oneAfterAnother(
	{ runBatch }: Pick<Workload, "runBatch">,
	{ atLeast_s, atLeastBatches }: WindowLength,
	signal: AbortSignal,
): Promise<ServedWindow> {
	const latencies_s: number[] = [];
	const counted: Record<string, number> = {};
	const start = performance.now();
	let now = start;
	while (now - start < atLeast_s * 1000 || latencies_s.length < atLeastBatches) {
		// Lets a signal in: a batch that computes in this thread would otherwise keep the event loop to itself.
		await setImmediate();
		signal.throwIfAborted();
		const before = performance.now();
		const report = await runBatch();
		now = performance.now();
		latencies_s.push(report?.latency_s ?? (now - before) / 1000);
		for (const [name, value] of Object.entries(report?.counted ?? {})) counted[name] = (counted[name] ?? 0) + value;
	}
	return { latencies_s, batches: latencies_s.length, elapsed_s: (now - start) / 1000, counted };
}

/**
 * Runs something while meters watch. The preferred one, the first, starts last and stops first: a tool takes up to
 * seconds to start, and the work waits meanwhile, which the preferred one must not see. Where the work or a meter
 * fails the other meters are stopped all the same.
 *
 * @returns readings in the meters' order
 */
export async function watched<T>(
	meters: readonly Meter[],
	work: () => Promise<T>,
): Promise<{ readonly value: T; readonly readings: MeterReading[] }> {
	const running: MeterRun[] = [];
	const readings: MeterReading[] = [];
	try {
		for (const meter of [...meters].reverse()) running.push(await meter.start());
		const value = await work();
		for (let run = running.pop(); run !== undefined; run = running.pop()) readings.push(await run.stop());
		return { value, readings };
	} finally {
		// Left where something failed, which is what is told: not that a meter then failed as well.
		for (const run of running) await run.stop().catch(() => undefined);
	}
}

function difference(before: Perhaps<number>, after: Perhaps<number>): Perhaps<number> {
	if (before.status === "unavailable") return before;
	return after.status === "unavailable" ? after : available(after.value - before.value);
}
