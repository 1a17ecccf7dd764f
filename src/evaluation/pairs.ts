import { groupBy } from "../group.js";
import { integerBelow, seeded } from "../random.js";
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
