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

/** What kind of machine a cell ran on. It is declared: a server package can draw less than a board. */
export const deviceClasses = ["cpu", "gpu", "board"] as const;

export type DeviceClass = (typeof deviceClasses)[number];

/**
 * Which of a study's columns a knob belongs to. `parallelism` is no choice of its own: it moves with the number of
 * devices. `other` stands by itself under its own name.
 */
export const knobAxes = ["runtime", "power", "precision", "resolution", "parallelism", "other"] as const;

export type KnobAxis = (typeof knobAxes)[number];

/** What a provenance file says of a knob. */
export interface KnobDeclaration {
	readonly axis: KnobAxis;
	/** The knob sets the allocation too (a power mode that takes cores off line), so that the allocation moves with it. */
	readonly allocation_follows?: boolean | undefined;
}

/** One measured (hardware, variant, allocation, batch, other knobs). */
export interface EvidenceCell {
	readonly dataset: string;
	/** Cells of one population share a meter, a machine and a request unit; populations are never pooled silently. */
	readonly population: string;
	readonly hardware: string;
	readonly device: DeviceClass;
	readonly variant: string;
	/** The variant's network, where other tables have another name for it; it is what intervals are taken over. */
	readonly network?: string;
	/** Allocated cores (cpu, board) or GPUs (gpu). */
	readonly allocation: number;
	readonly batch: number;
	readonly replicas: number;
	/** Other knobs by name, units in the name: power_cap_w, sm_clock_mhz, precision. A knob can be chosen. */
	readonly knobs: Readonly<Record<string, number | string>>;
	/** What the requests ask for, by name: output tokens, steps, benchmark. It is no choice, and splits populations. */
	readonly workload: Readonly<Record<string, number | string>>;
	/** What one request is: image, query, token, video. */
	readonly request_unit: string;
	/** Latency of one batch, s; absent where the source has none. */
	readonly latency_s?: number;
	readonly throughput_rps?: number;
	readonly accuracy_pct?: number;
	readonly energy: CellEnergy;
	readonly repetitions?: number;
	/** Power with nothing at work, W: of the machine (cpu, board) or of the replica's GPUs together (gpu). */
	readonly idle_power_w?: number;
	/** Standard error of the cell's power as a share of it, where the source's repeated runs give one for all cells. */
	readonly power_relative_error?: number;
	/** Requests join a running batch, so that none waits for its batch to fill (a request is then a token). */
	readonly continuous_batching?: true;
	/** A controller visited this cell: what it chose and what it measured are not independent. */
	readonly trajectory?: true;
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
	/** Evidence of its own kind, a pipeline under a load, judged by itself; absent for a bench's cells. */
	readonly deployment?: true;
	readonly flags: readonly EvidenceFlag[];
	/** What the knobs of the cells are; a knob that nobody has declared is absent. */
	readonly knobs?: Readonly<Record<string, KnobDeclaration>>;
}

/** A table of cells with its provenance: what the study reads. */
export interface Evidence {
	readonly dataset: string;
	readonly provenance: Provenance;
	readonly cells: readonly EvidenceCell[];
}

/**
 * The population of a cell with what its requests ask for: cells are compared within one, never across two. Unique over
 * datasets only together with `dataset`.
 *
 * @example populationOf(cell) // "PL, max_new_tokens 60"
 */
export function populationOf({ population, workload }: Pick<EvidenceCell, "population" | "workload">): string {
	return [population, ...Object.entries(workload).map(([name, value]) => `${name} ${value}`)].join(", ");
}

/** What a name stands for in tables that declare nothing; the form's own vocabulary (docs/bring-your-own.md). */
const namedAxes: readonly (readonly [RegExp, KnobDeclaration])[] = [
	[/^(backend|framework|runtime|engine)$/, { axis: "runtime" }],
	[/^power_mode$/, { axis: "power", allocation_follows: true }],
	[/^(power_(cap|limit)|(sm_|cpu_|gpu_)?clock)(_|$)/, { axis: "power" }],
	[/^(weight_)?precision$|^quanti[sz]ation$/, { axis: "precision" }],
	[/^resolution(_px)?$/, { axis: "resolution" }],
	[/(^|_)parallel(ism)?$|^(ulysses|ring)_degree$/, { axis: "parallelism" }],
];

/**
 * What a knob is: as declared, else by its name in the table form's vocabulary, else `other`.
 *
 * @example knobDeclaration("backend", {}).axis // "runtime"
 */
export function knobDeclaration(name: string, declared: Provenance["knobs"] = {}): KnobDeclaration {
	return (
		(Object.hasOwn(declared, name) ? declared[name] : undefined) ??
		namedAxes.find(([pattern]) => pattern.test(name))?.[1] ?? { axis: "other" }
	);
}

const workloadWords =
	/token|length|prompt|steps|frames|fps|benchmark|task|question|dataset|(^|_)(input|output|width|height|seconds)(_|$)/;

/**
 * Knobs that nobody has declared and that read as what a request asks for, not as a choice: lengths, steps, benchmarks,
 * and a resolution whose price in accuracy no cell tells. A table's owner is asked about them by name, since a knob that
 * cannot be chosen would be compared over as if it could.
 *
 * @example undeclaredWorkloads(evidence) // ["max_new_tokens"]
 */
export function undeclaredWorkloads({ provenance, cells }: Evidence): string[] {
	const names = new Set(cells.flatMap(({ knobs }) => Object.keys(knobs)));
	const priced = (name: string) => cells.some(({ knobs, accuracy_pct }) => name in knobs && accuracy_pct !== undefined);
	return [...names].filter(
		(name) =>
			!Object.hasOwn(provenance.knobs ?? {}, name) &&
			(workloadWords.test(name) || (knobDeclaration(name).axis === "resolution" && !priced(name))),
	);
}
