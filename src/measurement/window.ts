import { setImmediate } from "node:timers/promises";
import { max, mean, quantile } from "simple-statistics";
import { cpuTime } from "./cpuTime.js";
import type { Meter } from "./meter.js";
import type { MeasuredWindow, MeterReading, Perhaps } from "./records.js";
import type { Workload } from "./workload.js";

/** When a window ends: after both have been reached. */
export interface WindowLength {
	readonly atLeast_s: number;
	readonly atLeastBatches: number;
}

/**
 * Runs batches one after another until the window is long enough, watched by every meter. Latency, CPU time and energy
 * are of the same batches. Throws the signal's reason, between two batches, when it is aborted.
 */
export async function measureWindow(
	workload: Pick<Workload, "runBatch" | "cpuOf">,
	{ atLeast_s, atLeastBatches }: WindowLength,
	meters: readonly Meter[],
	signal: AbortSignal,
): Promise<MeasuredWindow> {
	const started_at = new Date().toISOString();
	const latencies: number[] = [];
	const { value, readings } = await watched(meters, async () => {
		const cpuBefore = cpuTime(workload.cpuOf);
		const start = performance.now();
		let now = start;
		while (now - start < atLeast_s * 1000 || latencies.length < atLeastBatches) {
			// Lets a signal in: a batch that computes in this thread would otherwise keep the event loop to itself.
			await setImmediate();
			signal.throwIfAborted();
			const before = performance.now();
			await workload.runBatch();
			now = performance.now();
			latencies.push((now - before) / 1000);
		}
		return { elapsed_s: (now - start) / 1000, cpu_s: difference(cpuBefore, cpuTime(workload.cpuOf)) };
	});
	return {
		started_at,
		elapsed_s: value.elapsed_s,
		batches: latencies.length,
		latency_mean_s: mean(latencies),
		latency_p50_s: quantile(latencies, 0.5),
		latency_p99_s: quantile(latencies, 0.99),
		latency_max_s: max(latencies),
		cpu_s: value.cpu_s,
		readings,
	};
}

/** Runs something while meters watch. Where it fails the meters are stopped all the same. */
export async function watched<T>(
	meters: readonly Meter[],
	work: () => Promise<T>,
): Promise<{ readonly value: T; readonly readings: MeterReading[] }> {
	const running: { meter: Meter; run: Awaited<ReturnType<Meter["start"]>> }[] = [];
	const readings: MeterReading[] = [];
	try {
		for (const meter of meters) running.push({ meter, run: await meter.start() });
		const value = await work();
		for (const { run } of running.splice(0).reverse()) readings.unshift(await run.stop());
		return { value, readings };
	} finally {
		for (const { run } of running) await run.stop();
	}
}

function difference(before: Perhaps<number>, after: Perhaps<number>): Perhaps<number> {
	if (before.status === "unavailable") return before;
	return after.status === "unavailable" ? after : { status: "available", value: after.value - before.value };
}
