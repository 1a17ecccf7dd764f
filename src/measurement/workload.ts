import type { Environment } from "./environment.js";
import type { PlanCell } from "./planCells.js";

/**
 * Whose CPU time is the work's: this process', that of the processes that it started and waited for, that of some that
 * go on, or a server's.
 */
export type CpuOf = "self" | "children" | "elsewhere" | { readonly pids: readonly number[] };

/** What the work says of a batch itself: its own time, and whatever other numbers it counted. */
export interface BatchReport {
	readonly latency_s?: number;
	readonly counted: Readonly<Record<string, number>>;
}

/** A cell made ready: batches run one at a time. */
export interface Workload {
	/** Runs one batch; rejects where it fails. */
	readonly runBatch: () => Promise<BatchReport | undefined>;
	/**
	 * Requests that come at their own times, for a server that is measured under load: what a window runs in place of
	 * batches one after another. Latencies are of requests; a whole number of batches of requests is sent.
	 */
	readonly serve?: (length: WindowLength, signal: AbortSignal) => Promise<ServedWindow>;
	readonly cpuOf: CpuOf;
	readonly close: () => Promise<void>;
}

/** When a window ends: after both have been reached. */
export interface WindowLength {
	readonly atLeast_s: number;
	readonly atLeastBatches: number;
}

/** What a window of a workload came to, but for what meters say. */
export interface ServedWindow {
	readonly latencies_s: readonly number[];
	readonly batches: number;
	readonly elapsed_s: number;
	/** Sums over the window of what the work counted. */
	readonly counted?: Readonly<Record<string, number>>;
}

/** Makes cells ready: loads a model with a cell's cores and batch size, for instance. */
export interface WorkloadSource {
	/**
	 * Finds out, before anything is measured, whether every cell can run; throws InputError where one cannot. What it found
	 * out is recorded with the machine.
	 */
	readonly check?: () => Promise<Environment>;
	readonly prepare: (cell: PlanCell) => Promise<Workload>;
	/** Ends what was kept from cell to cell. */
	readonly close?: () => Promise<void>;
}

/**
 * The control workload: a fixed amount of integer arithmetic on one core, which no data and no model can change, so that
 * its time tells of the node alone.
 *
 * @param steps multiply-and-shift steps
 * @returns what it computed, so that it is not left out as unused
 */
export function arithmetic(steps: number): number {
	let state = 1;
	for (let i = 0; i < steps; i++) {
		state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
		state = (state + i) | 0;
	}
	return state;
}
