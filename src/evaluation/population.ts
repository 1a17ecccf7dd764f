/** The device classes of the study: declared, never inferred (a server's package draws less than a board). */
export type DeviceClass = "cpu" | "gpu" | "board";

/** A measured cell as the study uses it: one replica with its allocation, busy. */
export interface StudyCell {
	readonly variant: string;
	/** Cores or GPUs of one replica. */
	readonly allocation: number;
	readonly batch: number;
	/** What else a configuration chooses, by column: runtime, precision, power mode. */
	readonly knobs: Readonly<Record<string, number | string>>;
	/** Of one replica, 1/s. */
	readonly throughput_rps: number;
	/** Gross, busy, J. */
	readonly energy_j_per_request: number;
	/** Of a batch, s. */
	readonly latency_s?: number;
	readonly accuracy_pct?: number;
	/** Of the same allocation while idle, W, where it was measured. */
	readonly idle_power_w?: number;
	/** Relative standard error of the cell's power. */
	readonly relative_error: number;
}

/**
 * Cells that are compared with each other: one machine or GPU type, one meter, one request unit, and whatever a
 * configuration cannot choose (the workload) fixed.
 */
export interface Population {
	readonly dataset: string;
	readonly name: string;
	readonly machine: string;
	readonly device: DeviceClass;
	/** Requests join and leave a running batch (one request is a token): none waits for a batch to fill. */
	readonly continuous_batching: boolean;
	/** Least power seen on the machine over all its populations, W; of one GPU for `gpu`. */
	readonly least_power_w: number;
	/** Why the cells were visited by a controller, not set by an experimenter: shown alone, pooled into no class. */
	readonly trajectory?: string;
	readonly cells: readonly StudyCell[];
}
