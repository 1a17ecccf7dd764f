import { groupBy } from "../group.js";
import { integerBelow, seeded } from "../random.js";
import type { Charged, Grid, StudyConfiguration } from "./grid.js";
import type { StudyCell } from "./population.js";

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

/** What IPA knows of a configuration. `core_seconds` are the busy ones, allocation / throughput (GPU-seconds). */
export type MetricName = "cost" | "core_seconds" | "latency" | "throughput" | "accuracy";

/** A metric with the direction that is fixed beforehand. */
export interface Metric {
	readonly name: MetricName;
	/** 1: energy is expected to rise with it, -1: to fall. */
	readonly direction: 1 | -1;
	/** Its value, NaN where it is unknown. */
	readonly of: (cell: StudyCell, configuration: StudyConfiguration) => number;
}

/** The metrics in the order in which tables show them. */
export const metrics: readonly Metric[] = [
	{ name: "throughput", direction: -1, of: ({ throughput_rps }) => throughput_rps },
	{ name: "core_seconds", direction: 1, of: ({ allocation, throughput_rps }) => allocation / throughput_rps },
	{ name: "cost", direction: 1, of: (_, { cost }) => cost },
	{ name: "latency", direction: 1, of: (_, { latency_s }) => latency_s ?? Number.NaN },
	{ name: "accuracy", direction: 1, of: ({ accuracy_pct }) => accuracy_pct ?? Number.NaN },
];

/** Values by which cells are ordered, larger meaning more energy, NaN where unknown; two tie within a difference. */
export interface Ordering {
	readonly values: Float64Array;
	readonly relative_tie: number;
	readonly absolute_tie: number;
}

/**
 * Sums over pairs, by machine and by unit (a network on a machine): what misranked shares and their intervals are made
 * of. A pair of two units (two variants) stands in the sums of both units and once in its machine's.
 */
export interface Tally {
	/** Weight x |difference in log energy| x wrong. */
	readonly wrong: Float64Array;
	/** Weight x |difference in log energy|. */
	readonly stake: Float64Array;
	readonly machineWrong: Float64Array;
	readonly machineStake: Float64Array;
	/** Weights of the machine's pairs of which the ordering is known, of those that outlast the noise, of ties in these. */
	readonly known: Float64Array;
	readonly outlasting: Float64Array;
	readonly tied: Float64Array;
}

/** A tally of nothing yet. */
export function emptyTally({ unitMachine, machines }: Pick<Grid, "unitMachine" | "machines">): Tally {
	const units = () => new Float64Array(unitMachine.length);
	const perMachine = () => new Float64Array(machines.length);
	return {
		wrong: units(),
		stake: units(),
		machineWrong: perMachine(),
		machineStake: perMachine(),
		known: perMachine(),
		outlasting: perMachine(),
		tied: perMachine(),
	};
}

/** Difference in log energy of each pair, 0 where noise explains it: |d| <= z x hypot(errors). z 0 keeps every pair. */
export function gapsOf(
	{ first, second }: Pairs,
	{ log_energy, relative_error }: Pick<Charged, "log_energy" | "relative_error">,
	z: number,
): Float64Array {
	const gaps = new Float64Array(first.length);
	for (let p = 0; p < gaps.length; p++) {
		const i = first[p] as number;
		const j = second[p] as number;
		const gap = (log_energy[i] as number) - (log_energy[j] as number);
		const noise = z * Math.hypot(relative_error[i] as number, relative_error[j] as number);
		gaps[p] = Math.abs(gap) > noise ? gap : 0;
	}
	return gaps;
}

/**
 * Adds the pairs of one rate to a tally: a pair is wrong where the ordering puts the lesser energy above, half wrong at
 * a tie; pairs of which a value is unknown are left out. Several orderings (draws of a calibration), all of the same
 * cells, count with their mean.
 */
export function addMisranked(
	tally: Tally,
	{ unitOf, unitMachine }: Pick<Grid, "unitOf" | "unitMachine">,
	{ first, second, weight }: Pairs,
	gaps: Float64Array,
	orderings: readonly Ordering[],
): void {
	const { wrong, stake, machineWrong, machineStake, known, outlasting, tied } = tally;
	const values = (orderings[0] as Ordering).values;
	const counted = new Int32Array(gaps.length);
	let count = 0;
	for (let p = 0; p < gaps.length; p++) {
		const difference = (values[first[p] as number] as number) - (values[second[p] as number] as number);
		if (Number.isNaN(difference)) continue;
		const machine = unitMachine[unitOf[first[p] as number] as number] as number;
		known[machine] = (known[machine] as number) + (weight[p] as number);
		if (gaps[p] !== 0) counted[count++] = p;
	}
	const pairs = counted.subarray(0, count);
	const { missed, ties } = missedBy(orderings, first, second, gaps, pairs);
	for (let c = 0; c < count; c++) {
		const p = pairs[c] as number;
		const unit = unitOf[first[p] as number] as number;
		const other = unitOf[second[p] as number] as number;
		const machine = unitMachine[unit] as number;
		const share = weight[p] as number;
		const at = share * Math.abs(gaps[p] as number);
		const lost = at * (missed[c] as number);
		outlasting[machine] = (outlasting[machine] as number) + share;
		tied[machine] = (tied[machine] as number) + share * (ties[c] as number);
		machineWrong[machine] = (machineWrong[machine] as number) + lost;
		machineStake[machine] = (machineStake[machine] as number) + at;
		wrong[unit] = (wrong[unit] as number) + lost;
		stake[unit] = (stake[unit] as number) + at;
		if (other === unit) continue;
		wrong[other] = (wrong[other] as number) + lost;
		stake[other] = (stake[other] as number) + at;
	}
}

/** Of each pair, the share of the orderings that put it the wrong way (a tie: half) and in which it ties. */
function missedBy(
	orderings: readonly Ordering[],
	first: Int32Array,
	second: Int32Array,
	gaps: Float64Array,
	pairs: Int32Array,
): { readonly missed: Float64Array; readonly ties: Float64Array } {
	const missed = new Float64Array(pairs.length);
	const ties = new Float64Array(pairs.length);
	const part = 1 / orderings.length;
	for (const { values, relative_tie, absolute_tie } of orderings) {
		for (let c = 0; c < pairs.length; c++) {
			const p = pairs[c] as number;
			const a = values[first[p] as number] as number;
			const b = values[second[p] as number] as number;
			const difference = a - b;
			if (Math.abs(difference) <= absolute_tie + relative_tie * Math.max(Math.abs(a), Math.abs(b))) {
				ties[c] = (ties[c] as number) + part;
				missed[c] = (missed[c] as number) + part / 2;
			} else if (difference > 0 !== (gaps[p] as number) > 0) missed[c] = (missed[c] as number) + part;
		}
	}
	return { missed, ties };
}
