import type { Kind } from "../units.js";

/** Energy of a cell, or why there is none. A missing energy is never 0. */
export type CellEnergy =
	| {
			readonly status: "available";
			/** How the energy came about: only measured and digitised energies count as evidence. */
			readonly kind: Kind;
			/** Gross energy of one request (image, query, token: see `request_unit`), J. */
			readonly energy_j_per_request: number;
			/** Gross energy of one batch, J. */
			readonly energy_j_per_batch: number;
			/** Mean power over the cell's window, W, where it was measured or follows from energy and time. */
			readonly power_w?: number;
			/** Standard deviation of energy_j_per_request over the repetitions, J. */
			readonly energy_sd_j_per_request?: number;
	  }
	| { readonly status: "unavailable"; readonly reason: string };

/** One measured (hardware, variant, allocation, batch, other knobs). */
export interface EvidenceCell {
	readonly dataset: string;
	/** Cells of one population share a meter, a machine and a request unit; populations are never pooled silently. */
	readonly population: string;
	readonly hardware: string;
	readonly device: "cpu" | "gpu";
	readonly variant: string;
	/** Allocated cores (cpu) or GPUs (gpu). */
	readonly allocation: number;
	readonly batch: number;
	readonly replicas: number;
	/** Other knobs by name, units in the name: power_cap_w, sm_clock_mhz, max_new_tokens, precision. */
	readonly knobs: Readonly<Record<string, number | string>>;
	/** What one request is: image, query, token, video. */
	readonly request_unit: string;
	/** Latency of one batch, s; absent where the source has none. */
	readonly latency_s?: number;
	readonly throughput_rps?: number;
	readonly accuracy_pct?: number;
	readonly energy: CellEnergy;
	readonly repetitions?: number;
	/** Kind of the cell's latency and throughput; the energy carries its own. */
	readonly kind: Kind;
	/** Names of the provenance file's flags that apply to this cell. */
	readonly flags: readonly string[];
	/** 1-based line in the source file. */
	readonly line: number;
}

/** A flag that a dataset's provenance file declares. */
export interface EvidenceFlag {
	readonly name: string;
	readonly meaning: string;
	/** `fault`: the cell is never used. `suspect`: the answer is shown with and without it, the verdict without. */
	readonly severity: "fault" | "suspect";
}

/** What a provenance file (data/raw/<dataset>/provenance.yaml) says. */
export interface Provenance {
	readonly dataset: string;
	readonly title: string;
	readonly source: string;
	readonly commit: string;
	readonly path: string;
	readonly hardware: string;
	readonly energy_method: string;
	readonly kind: Kind;
	readonly units: Readonly<Record<string, string>>;
	readonly licence: string;
	readonly caveats: readonly string[];
	readonly files: readonly { readonly name: string; readonly sha256: string }[];
	/** Why the dataset may be shown but never counts in a verdict; absent where it may count. */
	readonly barred?: string;
	readonly flags: readonly EvidenceFlag[];
}

/** A table of cells with its provenance: what the study reads. */
export interface Evidence {
	readonly dataset: string;
	readonly provenance: Provenance;
	readonly cells: readonly EvidenceCell[];
}
