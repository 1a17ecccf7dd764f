import type { PipelineOptions } from "../pipeline/options.js";
import { fillRows } from "./fillRows.js";
import { cut, emptyColumns, type SpaceColumns } from "./spaceColumns.js";
import { termsOf } from "./spaceTerms.js";

/** A range of rows of the space. */
export interface SpaceChunk {
	/** Row of the whole space that this chunk begins with. */
	readonly from: number;
	readonly rows: number;
	readonly columns: Readonly<SpaceColumns>;
}

/** How large a space is, before any of it is built. */
export interface SpaceSize {
	readonly rows: number;
	readonly bytes: number;
	/** Options x replicas of each stage: the digits of a row, the last stage's varying fastest. */
	readonly radices: readonly number[];
	readonly withEnergy: boolean;
}

/** Rows and bytes of a pipeline's space, all columns. */
export function spaceSize({ stages, spec }: PipelineOptions): SpaceSize {
	const radices = stages.map(({ options, replicas: [from, to] }) => options.length * (to - from + 1));
	const rows = radices.reduce((product, radix) => product * radix, 1);
	const withEnergy =
		spec.arrival_rate_rps > 0 && stages.every(({ options }) => options.every(({ energy }) => energy !== undefined));
	return { rows, bytes: rows * (5 * 8 + 1 + (withEnergy ? 8 : 0)), radices, withEnergy };
}

/**
 * The whole space in chunks of whole runs of the last stage, at most `rowsPerChunk` rows each (at least one run), so
 * that a space larger than memory can be streamed.
 *
 * @param reuse write each chunk into the arrays of the one before: faster, since fresh memory costs more than the
 *   arithmetic, but a chunk is then good until the next is asked for. False: a chunk's arrays are its own.
 */
export function* spaceChunks(pipeline: PipelineOptions, rowsPerChunk = 1 << 21, reuse = false): Generator<SpaceChunk> {
	const { rows, radices, withEnergy } = spaceSize(pipeline);
	const run = radices.at(-1) as number;
	const perChunk = Math.min(rows, Math.max(1, Math.floor(rowsPerChunk / run)) * run);
	const terms = radices.map((_, s) => termsOf(pipeline, s, withEnergy));
	let columns = reuse ? emptyColumns(perChunk, withEnergy) : undefined;
	for (let from = 0; from < rows; from += perChunk) {
		const length = Math.min(perChunk, rows - from);
		if (columns !== undefined && columns.accuracy.length > length) columns = cut(columns, length);
		const into = columns ?? emptyColumns(length, withEnergy);
		fillRows(pipeline, terms, radices, into, from);
		yield { from, rows: length, columns: into };
	}
}

/** The whole space as one chunk: see spaceSize for what it takes. */
export function wholeSpace(pipeline: PipelineOptions): SpaceChunk {
	const [all] = spaceChunks(pipeline, Number.POSITIVE_INFINITY);
	return all as SpaceChunk;
}
