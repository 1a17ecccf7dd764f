import type { SpaceChunk, SpaceColumn } from "./space.js";

/** An axis of a front, and which way is better. */
export interface Axis {
	readonly column: SpaceColumn;
	readonly better: "less" | "more";
}

/**
 * Pareto front over 2 to 5 axes among the given rows: the rows that no other is at least as good as on every axis and
 * better on one. Rows of equal values on all axes are on the front together. Rows of the chunk, by rising first axis.
 *
 * Rows are sorted by the first axis (then the others), so that a later row never dominates an earlier one; a row is
 * compared with the front so far, the comparison that last succeeded first.
 */
export function paretoFront(chunk: SpaceChunk, rows: Int32Array, axes: readonly Axis[]): Int32Array {
	if (axes.length < 2 || axes.length > 5) throw new RangeError(`a front has 2 to 5 axes, not ${axes.length}`);
	const columns = axes.map(({ column }) => {
		const values = chunk.columns[column];
		if (values === undefined) throw new RangeError(`the space has no column ${column}: an option of it has no energy`);
		return values;
	});
	const signs = axes.map(({ better }) => (better === "less" ? 1 : -1));
	const value = (row: number, axis: number) =>
		(signs[axis] as number) * ((columns[axis] as Float64Array)[row] as number);
	const sorted = thinned(rows, axes.length, value).sort((a, b) => {
		for (let axis = 0; axis < axes.length; axis++) {
			const difference = value(a, axis) - value(b, axis);
			if (difference !== 0) return difference;
		}
		return a - b;
	});
	const front: number[] = [];
	for (const row of sorted) {
		const at = front.findIndex((other) => dominates(other, row, axes.length, value));
		if (at < 0) front.push(row);
		else if (at > 0) front.splice(0, 0, front.splice(at, 1)[0] as number);
	}
	return Int32Array.from(front).sort((a, b) => value(a, 0) - value(b, 0) || a - b);
}

function dominates(a: number, b: number, axes: number, value: (row: number, axis: number) => number): boolean {
	let better = false;
	for (let axis = 0; axis < axes; axis++) {
		const x = value(a, axis);
		const y = value(b, axis);
		if (x > y) return false;
		if (x < y) better = true;
	}
	return better;
}

/** Drops rows that a few strong ones dominate, in one pass without sorting: most of a space goes here. */
function thinned(rows: Int32Array, axes: number, value: (row: number, axis: number) => number): Int32Array {
	if (rows.length < 10_000) return rows.slice();
	const spread = Array.from({ length: axes }, (_, axis) => {
		let least = Number.POSITIVE_INFINITY;
		let most = Number.NEGATIVE_INFINITY;
		for (const row of rows) {
			const v = value(row, axis);
			if (v < least) least = v;
			if (v > most) most = v;
		}
		return { least, width: most - least || 1 };
	});
	const guards: number[] = [];
	const kept = new Int32Array(rows.length);
	let count = 0;
	for (const row of rows) {
		const at = guards.findIndex((guard) => dominates(guard, row, axes, value));
		if (at >= 0) {
			if (at > 0) guards.splice(0, 0, guards.splice(at, 1)[0] as number);
			continue;
		}
		kept[count++] = row;
		guards.unshift(row);
		// The guard that reaches least far is dropped; any set of guards is right, a good one is fast.
		if (guards.length > 64) {
			const reach = (guard: number) =>
				spread.reduce(
					(product, { least, width }, axis) => product * (1 - (value(guard, axis) - least) / width + 1e-9),
					1,
				);
			let worst = 0;
			for (let g = 1; g < guards.length; g++)
				if (reach(guards[g] as number) < reach(guards[worst] as number)) worst = g;
			guards.splice(worst, 1);
		}
	}
	return kept.slice(0, count);
}
