/** A cell that may be measured: what a profile says of it before any energy is. */
export interface CalibrationCell {
	/** Names the cell; unique among those calibrated together. */
	readonly id: string;
	readonly variant: string;
	/** Allocated cores (or GPUs) of a replica. */
	readonly allocation: number;
	readonly batch: number;
	readonly knobs: Readonly<Record<string, number | string>>;
	/** Latency of a batch, s. */
	readonly latency_s: number;
	/** Of one replica, requests/s. */
	readonly throughput_rps: number;
	readonly accuracy_pct?: number;
	/** An earlier calibration's mean power of the cell, W: another software version, another machine. */
	readonly prior_power_w?: number;
}

/** A measured power and how well it is known. */
export interface PowerMeasurement {
	/** Position of the cell. */
	readonly cell: number;
	/** Mean power while busy, W. */
	readonly power_w: number;
	/** Standard error of the power as a share of it; 0 where it is taken as the truth. */
	readonly relative_se: number;
}

/** Time of one request, s: a replica at work serves one every so often. Energy of a request is power times it. */
export function timePerRequest({ throughput_rps }: CalibrationCell): number {
	return 1 / throughput_rps;
}
