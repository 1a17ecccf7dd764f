import type { PlanCell } from "./planCells.js";

/** A cell made ready: batches run one at a time. */
export interface Workload {
	/** Runs one batch; rejects where it fails. */
	readonly runBatch: () => Promise<void>;
	/** Whose CPU time is the work's: this process, or the processes that it started and waited for. */
	readonly cpuOf: "self" | "children";
	readonly close: () => Promise<void>;
}

/** Makes cells ready: loads a model with a cell's cores and batch size, for instance. */
export interface WorkloadSource {
	readonly prepare: (cell: PlanCell) => Promise<Workload>;
}
