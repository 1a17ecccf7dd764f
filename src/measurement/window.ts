import { setImmediate } from "node:timers/promises";
import { max, mean, quantile } from "simple-statistics";
import { cpuTime } from "./cpuTime.js";
import type { Meter, MeterRun } from "./meter.js";
import type { MeasuredWindow, MeterReading, Perhaps } from "./records.js";
import type { ServedWindow, WindowLength, Workload } from "./workload.js";

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
	return after.status === "unavailable" ? after : { status: "available", value: after.value - before.value };
}
