import { sortedQuantile } from "../statistics/sortedQuantile.js";
import type { SpaceChunk } from "./space.js";
import type { SpaceColumn } from "./spaceColumns.js";

/** Rows of a chunk that a test keeps; the test gets the row within the chunk. */
export function filterRows({ rows }: SpaceChunk, keep: (row: number) => boolean): Int32Array {
	const kept = new Int32Array(rows);
	let count = 0;
	for (let row = 0; row < rows; row++) if (keep(row)) kept[count++] = row;
	return kept.slice(0, count);
}

/** Rows that carry the arrival rate within the SLA. */
export function feasibleRows(chunk: SpaceChunk): Int32Array {
	return filterRows(chunk, (row) => chunk.columns.feasible[row] === 1);
}

function columnOf(chunk: SpaceChunk, name: SpaceColumn): Float64Array {
	const column = chunk.columns[name];
	if (column === undefined) throw new RangeError(`the space has no column ${name}: an option of it has no energy`);
	return column;
}

/** The k rows of the largest (or smallest) values, best first; equal ones by row. */
export function topRows(
	chunk: SpaceChunk,
	rows: Int32Array,
	name: SpaceColumn,
	k: number,
	order: "largest" | "smallest" = "largest",
): Int32Array {
	const column = columnOf(chunk, name);
	const sign = order === "largest" ? -1 : 1;
	// The best so far, kept sorted: k is small beside the rows, and most rows fall to the first comparison.
	const best: number[] = [];
	for (const row of rows) {
		const value = sign * (column[row] as number);
		if (best.length === k && value >= sign * (column[best[k - 1] as number] as number)) continue;
		let at = best.length;
		while (at > 0 && sign * (column[best[at - 1] as number] as number) > value) at--;
		best.splice(at, 0, row);
		if (best.length > k) best.pop();
	}
	return Int32Array.from(best);
}

/** Quantiles of a column over rows, as `sortedQuantile` defines them; throws RangeError where there are no rows. */
export function columnQuantiles(
	chunk: SpaceChunk,
	rows: Int32Array,
	name: SpaceColumn,
	at: readonly number[],
): number[] {
	const column = columnOf(chunk, name);
	const sorted = Float64Array.from(rows, (row) => column[row] as number).sort();
	return at.map((p) => sortedQuantile(sorted, p));
}

/** Count, least, mean and most of a column in each group of rows. */
export interface GroupSummary {
	readonly group: number;
	readonly count: number;
	readonly min: number;
	readonly mean: number;
	readonly max: number;
}

/** Summaries by group, groups by rising number; `groupAt` gives the group of a row within the chunk. */
export function summarise(
	chunk: SpaceChunk,
	rows: Int32Array,
	name: SpaceColumn,
	groupAt: (row: number) => number,
): GroupSummary[] {
	const column = columnOf(chunk, name);
	const groups = new Map<number, { count: number; sum: number; min: number; max: number }>();
	for (const row of rows) {
		const value = column[row] as number;
		const group = groupAt(row);
		const so = groups.get(group);
		if (so === undefined) groups.set(group, { count: 1, sum: value, min: value, max: value });
		else {
			so.count++;
			so.sum += value;
			so.min = Math.min(so.min, value);
			so.max = Math.max(so.max, value);
		}
	}
	return [...groups]
		.sort(([a], [b]) => a - b)
		.map(([group, { count, sum, min, max }]) => ({ group, count, min, mean: sum / count, max }));
}
