import type { PipelineOptions } from "../pipeline/options.js";
import { sortedQuantile } from "../statistics/quantile.js";
import { type Axis, paretoFront } from "./pareto.js";
import { topRows } from "./query.js";
import { type SpaceChunk, type SpaceColumn, spaceChunks } from "./space.js";

/** What a space holds, of its feasible rows. */
export interface SpaceSummary {
	readonly feasible: number;
	/** By column; none where nothing is feasible. */
	readonly quantiles: Readonly<Partial<Record<SpaceColumn, readonly number[]>>>;
	/** Rows of the Pareto front, as paretoFront orders them. */
	readonly front: readonly number[];
	/** Rows of the best objectives, best first. */
	readonly best: readonly number[];
}

export interface SpaceQuestion {
	readonly columns: readonly SpaceColumn[];
	/** From 0 to 1. */
	readonly quantiles: readonly number[];
	readonly axes: readonly Axis[];
	/** How many of the best rows. */
	readonly count: number;
}

/** Rows at a time: their columns take about 10 MB. */
const rowsPerChunk = 1 << 18;

/**
 * Summarises a space of any size in two passes, in the memory of a few chunks: the first finds the front, the best rows and,
 * for each column, how many feasible values share their leading bits; the second counts the values where a quantile lies.
 */
export function spaceSummary(pipeline: PipelineOptions, question: SpaceQuestion): SpaceSummary {
	const { columns, axes, count, quantiles } = question;
	const histograms = columns.map(() => new Uint32Array(1 << keyBits));
	let feasible = 0;
	let front = noCandidates(axes.map(({ column }) => column));
	let best = noCandidates(["objective"]);
	for (const chunk of spaceChunks(pipeline, rowsPerChunk, true)) {
		const rows = feasibleRowsOf(chunk);
		feasible += rows.length;
		for (const [c, histogram] of histograms.entries()) {
			const words = wordsOf(columnOf(chunk, columns[c] as SpaceColumn));
			for (let i = 0; i < rows.length; i++) (histogram[keyOf(words, rows[i] as number)] as number)++;
		}
		front = joined(front, chunk, paretoFront(chunk, rows, axes));
		best = joined(best, chunk, topRows(chunk, rows, "objective", count));
		// What a later chunk holds may beat much of it: thinned now and then, and at the end.
		if (front.rows.length > 100_000) front = thinned(front, (own, every) => paretoFront(own, every, axes));
		best = thinned(best, (own, every) => topRows(own, every, "objective", count));
	}
	front = thinned(front, (own, every) => paretoFront(own, every, axes));
	const found = { feasible, front: [...front.rows], best: [...best.rows] };
	if (feasible === 0) return { ...found, quantiles: {} };

	const places = quantiles.map((p) => p * (feasible - 1));
	const ranks = places.flatMap((place) => [Math.floor(place), Math.ceil(place)]);
	const wanted = histograms.map((histogram) => wantedKeys(histogram, ranks));
	for (const chunk of spaceChunks(pipeline, rowsPerChunk, true)) {
		const rows = feasibleRowsOf(chunk);
		for (const [c, own] of wanted.entries()) countWanted(columnOf(chunk, columns[c] as SpaceColumn), rows, own);
	}
	return {
		...found,
		quantiles: Object.fromEntries(
			columns.map((name, c) => {
				const values = ranks.map((rank) => valueAt(wanted[c] as Wanted, rank));
				const between = (place: number, q: number) =>
					sortedQuantile(Float64Array.from(values.slice(2 * q, 2 * q + 2)), place - Math.floor(place));
				return [name, places.map(between)];
			}),
		),
	};
}

/** Leading bits of a value, turned so that they sort as the values do: sign, exponent, and 8 bits of the fraction. */
const keyBits = 20;

function wordsOf(column: Float64Array): Uint32Array {
	return new Uint32Array(column.buffer, column.byteOffset, 2 * column.length);
}

function keyOf(words: Uint32Array, row: number): number {
	const top = words[2 * row + 1] as number;
	// Of a negative number all bits are turned, of another the sign alone.
	return (top & 0x8000_0000 ? ~top : top | 0x8000_0000) >>> (32 - keyBits);
}

/** The keys that ranks lie at: how many values come before each, and its values with how often they were met. */
interface Wanted {
	readonly isWanted: Uint8Array;
	readonly groups: ReadonlyMap<
		number,
		{ readonly before: number; readonly size: number; readonly counts: Map<number, number> }
	>;
}

function wantedKeys(histogram: Uint32Array, ranks: readonly number[]): Wanted {
	const isWanted = new Uint8Array(histogram.length);
	const groups: [number, { before: number; size: number; counts: Map<number, number> }][] = [];
	let before = 0;
	for (let key = 0; key < histogram.length; key++) {
		const size = histogram[key] as number;
		if (size === 0) continue;
		if (ranks.some((rank) => rank >= before && rank < before + size)) {
			isWanted[key] = 1;
			groups.push([key, { before, size, counts: new Map() }]);
		}
		before += size;
	}
	return { isWanted, groups: new Map(groups) };
}

function countWanted(column: Float64Array, rows: Int32Array, { isWanted, groups }: Wanted): void {
	const words = wordsOf(column);
	for (let i = 0; i < rows.length; ) {
		const row = rows[i] as number;
		const key = keyOf(words, row);
		const value = column[row] as number;
		let end = i + 1;
		if (isWanted[key] === 1) {
			// Rows that follow each other often have one value.
			while (end < rows.length && column[rows[end] as number] === value) end++;
			const { counts } = groups.get(key) as { counts: Map<number, number> };
			counts.set(value, (counts.get(value) ?? 0) + end - i);
		}
		i = end;
	}
}

function valueAt({ groups }: Wanted, rank: number): number {
	const group = [...groups.values()].find(({ before, size }) => rank >= before && rank < before + size);
	let before = group?.before ?? 0;
	for (const [value, times] of [...(group?.counts ?? [])].sort(([a], [b]) => a - b)) {
		if (rank < before + times) return value;
		before += times;
	}
	throw new RangeError(`rank ${rank} of no value`);
}

function columnOf({ columns }: SpaceChunk, name: SpaceColumn): Float64Array {
	const column = columns[name];
	if (column === undefined) throw new RangeError(`the space has no column ${name}: an option of it has no energy`);
	return column;
}

/** Rows of the space that may be among those looked for, with the columns that decide it. */
interface Candidates {
	readonly rows: Float64Array;
	readonly columns: ReadonlyMap<SpaceColumn, Float64Array>;
}

function noCandidates(names: readonly SpaceColumn[]): Candidates {
	return { rows: new Float64Array(0), columns: new Map(names.map((name) => [name, new Float64Array(0)])) };
}

function joined({ rows, columns }: Candidates, chunk: SpaceChunk, more: Int32Array): Candidates {
	const both = (a: Float64Array, b: Float64Array) => {
		const all = new Float64Array(a.length + b.length);
		all.set(a);
		all.set(b, a.length);
		return all;
	};
	return {
		rows: both(
			rows,
			Float64Array.from(more, (row) => chunk.from + row),
		),
		columns: new Map([...columns].map(([name, own]) => [name, both(own, gathered(chunk, name, more))])),
	};
}

function thinned(
	{ rows, columns }: Candidates,
	keep: (chunk: SpaceChunk, every: Int32Array) => Int32Array,
): Candidates {
	const chunk = { from: 0, rows: rows.length, columns: Object.fromEntries(columns) } as unknown as SpaceChunk;
	const kept = keep(
		chunk,
		Int32Array.from(rows, (_, i) => i),
	);
	return {
		rows: Float64Array.from(kept, (i) => rows[i] as number),
		columns: new Map([...columns].map(([name, own]) => [name, Float64Array.from(kept, (i) => own[i] as number)])),
	};
}

function feasibleRowsOf({ rows, columns: { feasible } }: SpaceChunk): Int32Array {
	const found = new Int32Array(rows);
	let count = 0;
	for (let row = 0; row < rows; row++) if (feasible[row] === 1) found[count++] = row;
	return found.subarray(0, count);
}

function gathered(chunk: SpaceChunk, name: SpaceColumn, rows: Int32Array): Float64Array {
	const column = columnOf(chunk, name);
	const values = new Float64Array(rows.length);
	for (let i = 0; i < rows.length; i++) values[i] = column[rows[i] as number] as number;
	return values;
}
