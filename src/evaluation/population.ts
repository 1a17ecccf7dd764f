import { groupBy } from "../group.js";
import { integerBelow, seeded } from "../random.js";
import { type DeviceClass, type Evidence, type EvidenceCell, knobDeclaration, populationOf } from "./evidence.js";

/** A measured cell as the study uses it: one replica with its allocation, busy. */
export interface StudyCell {
	readonly variant: string;
	/** The variant's network under the name that it has on every machine: what intervals are taken over. */
	readonly network: string;
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
	/** Standard error of the cell's power as a share of it, where repetitions tell. */
	readonly relative_error?: number;
	/** Requests join and leave a running batch (one request is a token): none waits for a batch to fill. */
	readonly continuous_batching: boolean;
}

/**
 * Cells that are compared with each other: one machine or GPU type, one meter, one request unit, and whatever a
 * configuration cannot choose (the workload) fixed.
 */
export interface Population {
	readonly dataset: string;
	readonly name: string;
	/** Unique over all data sets. */
	readonly machine: string;
	readonly device: DeviceClass;
	readonly request_unit: string;
	/** The cells were visited by a controller, not set by an experimenter: shown alone, pooled into no class. */
	readonly trajectory: boolean;
	/** Least power seen on the machine over all its populations, W; of one GPU for `gpu`. */
	readonly least_power_w: number;
	readonly knobs: readonly Knob[];
	readonly cells: readonly StudyCell[];
}

/** A data set's populations, and the cells that are left out, by reason. */
export interface Populations {
	readonly populations: readonly Population[];
	readonly leftOut: Admitted["leftOut"];
}

/**
 * The populations of a data set: its admissible cells without suspects. Those of a barred data set are not used.
 *
 * @example populationsOf(evidence).populations[0]?.name
 */
export function populationsOf(evidence: Evidence): Populations {
	const { provenance, dataset } = evidence;
	const { cells: admitted, leftOut: reasons } = admissible(evidence, "clean");
	const leftOut: Record<string, number> = { ...reasons };
	if (provenance.barred !== undefined)
		return { populations: [], leftOut: { [`barred: ${provenance.barred}`]: evidence.cells.length, ...reasons } };
	const cells = admitted.flatMap((cell) => {
		const study = studyCell(cell);
		if (study === undefined) leftOut["no throughput"] = (leftOut["no throughput"] ?? 0) + 1;
		return study === undefined ? [] : [{ cell, study }];
	});
	const least = new Map<string, number>();
	for (const { cell, study } of cells) {
		const power = (study.energy_j_per_request * study.throughput_rps) / (cell.device === "gpu" ? study.allocation : 1);
		least.set(cell.hardware, Math.min(power, least.get(cell.hardware) ?? power));
	}
	const groups = groupBy(cells, ({ cell }) =>
		JSON.stringify([populationOf(cell), cell.hardware, cell.request_unit, cell.trajectory === true]),
	);
	const populations = [...groups.values()].map((members): Population => {
		const { cell } = members[0] as (typeof members)[number];
		return {
			dataset,
			name: populationOf(cell),
			machine: `${dataset}: ${cell.hardware}`,
			device: cell.device,
			request_unit: cell.request_unit,
			trajectory: cell.trajectory === true,
			least_power_w: least.get(cell.hardware) as number,
			knobs: knobsOf(
				members.map(({ study }) => study),
				evidence,
			),
			cells: members.map(({ study }) => study),
		};
	});
	return { populations, leftOut };
}

/** Undefined where neither a throughput nor, for closed batches, a latency says how fast a replica is. */
function studyCell(cell: EvidenceCell): StudyCell | undefined {
	const { energy, latency_s, accuracy_pct, idle_power_w, replicas, batch } = cell;
	const closed = cell.continuous_batching !== true && latency_s !== undefined;
	const throughput_rps = cell.throughput_rps ?? (closed ? batch / latency_s : undefined);
	if (energy.status === "unavailable" || throughput_rps === undefined) return undefined;
	const relative_error = relativeError(cell);
	return {
		variant: cell.variant,
		network: cell.network ?? cell.variant,
		allocation: cell.allocation * replicas,
		batch,
		knobs: cell.knobs,
		throughput_rps,
		energy_j_per_request: energy.energy_j_per_request,
		...(latency_s === undefined ? {} : { latency_s }),
		...(accuracy_pct === undefined ? {} : { accuracy_pct }),
		...(idle_power_w === undefined ? {} : { idle_power_w }),
		...(relative_error === undefined ? {} : { relative_error }),
		continuous_batching: cell.continuous_batching === true,
	};
}

function relativeError({ energy, repetitions, power_relative_error }: EvidenceCell): number | undefined {
	if (energy.status === "available" && energy.energy_sd_j_per_request !== undefined && (repetitions ?? 0) > 1)
		return energy.energy_sd_j_per_request / energy.energy_j_per_request / Math.sqrt(repetitions as number);
	return power_relative_error;
}

function knobsOf(cells: readonly StudyCell[], { provenance }: Evidence): Knob[] {
	const names = [...new Set(cells.flatMap(({ knobs }) => Object.keys(knobs)))];
	const declared = names.map((name) => ({ name, ...knobDeclaration(name, provenance.knobs) }));
	const parallel = declared.filter(({ axis }) => axis === "parallelism").map(({ name }) => name);
	const others = groupBy(
		declared.filter(({ axis }) => axis !== "parallelism"),
		({ axis, name }) => (axis === "other" ? name : axis),
	);
	return [
		{ name: "variant", columns: [{ name: "variant", free: [] }] },
		{ name: "batch", columns: [{ name: "batch", free: [] }] },
		{ name: "allocation", columns: [{ name: "allocation", free: parallel }] },
		...[...others].map(([name, columns]) => ({
			name,
			columns: columns.map((column) => ({
				name: column.name,
				free: column.allocation_follows === true ? ["allocation"] : [],
			})),
		})),
	];
}

/** Which cells of a dataset an analysis uses: all that are not faulty, or only those that no flag makes suspect. */
export type Selection = "clean" | "with-suspect";

/** Cells that an analysis uses, and how many it leaves out, by reason. */
export interface Admitted {
	readonly cells: readonly EvidenceCell[];
	readonly leftOut: Readonly<Record<string, number>>;
}

/**
 * The cells whose energy may be evidence: available, measured or digitised (never modelled), not marked faulty, and,
 * for the selection `clean`, not marked suspect. Which flag means what is declared by the provenance file.
 */
export function admissible({ provenance, cells }: Evidence, selection: Selection): Admitted {
	const severity = new Map(provenance.flags.map((flag) => [flag.name, flag.severity]));
	const leftOut: Record<string, number> = {};
	const kept = cells.filter((cell) => {
		const reason = reasonToLeaveOut(cell, severity, selection);
		if (reason !== undefined) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
		return reason === undefined;
	});
	return { cells: kept, leftOut };
}

function reasonToLeaveOut(
	cell: EvidenceCell,
	severity: ReadonlyMap<string, "fault" | "suspect">,
	selection: Selection,
): string | undefined {
	if (cell.energy.status === "unavailable") return `energy unavailable: ${cell.energy.reason}`;
	if (cell.energy.kind === "modelled") return "energy modelled";
	for (const flag of cell.flags) {
		// A flag that the provenance file does not declare is treated as a fault: unknown trouble is not evidence.
		const level = severity.get(flag) ?? "fault";
		if (level === "fault" || selection === "clean") return `flag ${flag}`;
	}
	return undefined;
}

/** A knob of the study: its columns vary one at a time, all else fixed but for what must move with them. */
export interface Knob {
	readonly name: string;
	readonly columns: readonly {
		/** `variant`, `batch`, `allocation` or the name of one of a cell's knobs. */
		readonly name: string;
		/** Columns that are implied by this one and move with it: parallelism with a device count. */
		readonly free: readonly string[];
	}[];
}

/** Pairs of cells, by their index, that differ in the knob alone. */
export interface Pairs {
	readonly first: Int32Array;
	readonly second: Int32Array;
	/** 2 / (cells of the stratum - 1): a stratum weighs as its cells, not as their square. */
	readonly weight: Float64Array;
}

/** Setting of a cell in a column; undefined where it has none ("-" in a table). */
export function settingOf(cell: StudyCell, column: string): string | number | undefined {
	const value =
		column === "variant" || column === "allocation" || column === "batch" ? cell[column] : cell.knobs[column];
	return value === "" || value === "-" ? undefined : value;
}

/**
 * The pairs within strata of a knob: cells of one list that agree in every column but one of the knob's, and what is
 * free. In a stratum above `most_cells` each cell meets a seeded sample of so many others, so that time stays in
 * proportion to the cells; the sampled pairs weigh as much as all would.
 */
export function pairsOf(cells: readonly StudyCell[], { columns }: Knob, most_cells: number): Pairs {
	const first: number[] = [];
	const second: number[] = [];
	const weight: number[] = [];
	const all = ["variant", "allocation", "batch", ...new Set(cells.flatMap(({ knobs }) => Object.keys(knobs)))];
	for (const { name: column, free } of columns) {
		const fixed = all.filter((other) => other !== column && !free.includes(other));
		const having = [...cells.keys()].filter((i) => settingOf(cells[i] as StudyCell, column) !== undefined);
		const strata = groupBy(having, (i) =>
			JSON.stringify(fixed.map((other) => settingOf(cells[i] as StudyCell, other) ?? "")),
		);
		for (const members of strata.values()) {
			const sampled = members.length > most_cells ? sampledPairs(members.length, most_cells) : undefined;
			const share = 2 / ((sampled === undefined ? members.length : most_cells) - 1);
			const add = (i: number, j: number) => {
				const [a, b] = [members[i] as number, members[j] as number];
				if (settingOf(cells[a] as StudyCell, column) === settingOf(cells[b] as StudyCell, column)) return;
				first.push(a);
				second.push(b);
				weight.push(share);
			};
			if (sampled !== undefined) for (const [i, j] of sampled) add(i, j);
			else for (let i = 0; i < members.length; i++) for (let j = i + 1; j < members.length; j++) add(i, j);
		}
	}
	return { first: Int32Array.from(first), second: Int32Array.from(second), weight: Float64Array.from(weight) };
}

/** Each of n cells with (most - 1) / 2 others drawn without looking at them: n (most - 1) / 2 pairs. */
function sampledPairs(n: number, most: number): [number, number][] {
	const random = seeded(n);
	const pairs: [number, number][] = [];
	for (let i = 0; i < n; i++)
		for (let k = 0; k < (most - 1) / 2; k++) pairs.push([i, (i + 1 + integerBelow(random, n - 1)) % n]);
	return pairs;
}
