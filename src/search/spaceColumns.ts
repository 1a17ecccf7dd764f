/** Metrics of every configuration of a range of rows, as typed arrays of one length. */
export interface SpaceColumns {
	readonly accuracy: Float64Array;
	readonly latency_s: Float64Array;
	readonly throughput_rps: Float64Array;
	readonly cost_cores: Float64Array;
	readonly objective: Float64Array;
	/** 1 where the arrival rate is carried within the SLA. */
	readonly feasible: Uint8Array;
	/** Absent where an option of the space has no energy. */
	readonly energy_j_per_request?: Float64Array;
}

export type SpaceColumn = Exclude<keyof SpaceColumns, "feasible">;

/** Columns of zeros. */
export function emptyColumns(rows: number, withEnergy: boolean): SpaceColumns {
	const make = () => new Float64Array(rows);
	return Object.freeze({
		accuracy: make(),
		latency_s: make(),
		throughput_rps: make(),
		cost_cores: make(),
		objective: make(),
		feasible: new Uint8Array(rows),
		...(withEnergy ? { energy_j_per_request: make() } : {}),
	});
}

/** The same memory, fewer rows. */
export function cut(columns: SpaceColumns, rows: number): SpaceColumns {
	const entries = Object.entries(columns as unknown as Record<string, Float64Array | Uint8Array>);
	return Object.freeze(Object.fromEntries(entries.map(([name, own]) => [name, own.subarray(0, rows)]))) as never;
}
