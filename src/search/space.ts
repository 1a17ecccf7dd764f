import { type Item, itemOf, misses, objectiveOf, objectiveValue, slaLimit } from "../pipeline/objective.js";
import type { PipelineOptions, StageOptions } from "../pipeline/options.js";

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

/** A column by its name; RangeError where the space has none. */
export function columnOf({ columns }: SpaceChunk, name: SpaceColumn): Float64Array {
	const column = columns[name];
	if (column === undefined) throw new RangeError(`the space has no column ${name}: an option of it has no energy`);
	return column;
}

/** Columns of zeros. */
function emptyColumns(rows: number, withEnergy: boolean): SpaceColumns {
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
function cut(columns: SpaceColumns, rows: number): SpaceColumns {
	const entries = Object.entries(columns as unknown as Record<string, Float64Array | Uint8Array>);
	return Object.freeze(Object.fromEntries(entries.map(([name, own]) => [name, own.subarray(0, rows)]))) as never;
}

/** An option of a stage with its replicas, in the order of the rows. */
interface Term extends Item {
	readonly batch: number;
	readonly throughput_rps: number;
}

function termsOf({ spec }: PipelineOptions, { options, replicas: [from, to] }: StageOptions): Term[] {
	return options.flatMap((option, o) =>
		Array.from({ length: to - from + 1 }, (_, n) => ({
			...itemOf(spec, option, o, from + n),
			batch: option.batch,
			throughput_rps: option.throughput_rps * (from + n),
		})),
	);
}

/** What computes the rows from one on that stands at the begin of a run of the last stage, as many as the columns hold. */
function filler(pipeline: PipelineOptions): (columns: SpaceColumns, from: number) => void {
	const { weights, arrival_rate_rps: rate } = pipeline.spec;
	const { product, scale, none, plus } = objectiveOf(pipeline.spec);
	const limit = slaLimit(pipeline);
	const stages = pipeline.stages.map((stage) => termsOf(pipeline, stage));
	const fixed = stages.slice(0, -1);
	const last = stages.at(-1)!;
	const run = last.length;
	const lastOf = (name: "accuracy" | "latency_s" | "throughput_rps" | "cost_cores" | "batch" | "energy_j") =>
		Float64Array.from(last, (term) => term[name]);
	const [lastAccuracy, lastLatency, lastThroughput] = [
		lastOf("accuracy"),
		lastOf("latency_s"),
		lastOf("throughput_rps"),
	];
	const [lastCost, lastBatch, lastEnergy] = [lastOf("cost_cores"), lastOf("batch"), lastOf("energy_j")];
	const withoutEnergy = { ...weights, delta: 0 };

	return ({ accuracy, latency_s, throughput_rps, cost_cores, objective, feasible, energy_j_per_request }, from) => {
		let before: { accuracy: number; latency_s: number } | undefined;
		for (let start = 0; start < accuracy.length; start += run) {
			// Sums over all stages but the last, which are fixed within a run; first stage first, as `configuration` adds: the
			// same last digits, so the same answer at the SLA.
			let sums = none;
			let carried = Number.POSITIVE_INFINITY;
			let batches = 0;
			let below = fixed.reduce((count, terms) => count * terms.length, 1);
			let rest = Math.floor((from + start) / run);
			for (const terms of fixed) {
				below /= terms.length;
				const term = terms[Math.floor(rest / below)]!;
				rest %= below;
				sums = plus(sums, term);
				carried = Math.min(carried, term.throughput_rps);
				batches += term.batch;
			}
			// One column at a time, which keeps each loop to two streams of memory. Runs that differ in replicas alone have the
			// same accuracies and latencies: those are copied.
			const { accuracy: a, latency_s: l, cost_cores: c, energy_j: e } = sums;
			if (before?.accuracy === a) accuracy.copyWithin(start, start - run, start);
			else if (product) for (let i = 0; i < run; i++) accuracy[start + i] = a * lastAccuracy[i]!;
			else for (let i = 0; i < run; i++) accuracy[start + i] = (a + lastAccuracy[i]!) * scale;
			if (before?.latency_s === l) latency_s.copyWithin(start, start - run, start);
			else for (let i = 0; i < run; i++) latency_s[start + i] = l + lastLatency[i]!;
			before = sums;
			for (let i = 0, row = start; i < run; i++, row++) {
				const carries = Math.min(lastThroughput[i]!, carried);
				throughput_rps[row] = carries;
				feasible[row] = carries >= rate && !misses(latency_s[row]!, limit) ? 1 : 0;
			}
			for (let i = 0, row = start; i < run; i++, row++) {
				cost_cores[row] = c + lastCost[i]!;
				objective[row] = objectiveValue(withoutEnergy, accuracy[row]!, cost_cores[row]!, batches + lastBatch[i]!, 0);
			}
			if (energy_j_per_request === undefined) continue;
			for (let i = 0, row = start; i < run; i++, row++) {
				energy_j_per_request[row] = e + lastEnergy[i]!;
				objective[row]! -= weights.delta * energy_j_per_request[row]!;
			}
		}
	};
}

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
	const run = radices.at(-1)!;
	const perChunk = Math.min(rows, Math.max(1, Math.floor(rowsPerChunk / run)) * run);
	const fill = filler(pipeline);
	let columns = reuse ? emptyColumns(perChunk, withEnergy) : undefined;
	for (let from = 0; from < rows; from += perChunk) {
		const length = Math.min(perChunk, rows - from);
		if (columns !== undefined && columns.accuracy.length > length) columns = cut(columns, length);
		const into = columns ?? emptyColumns(length, withEnergy);
		fill(into, from);
		yield { from, rows: length, columns: into };
	}
}

/** The whole space as one chunk: see spaceSize for what it takes. */
export function wholeSpace(pipeline: PipelineOptions): SpaceChunk {
	return spaceChunks(pipeline, Number.POSITIVE_INFINITY).next().value!;
}
