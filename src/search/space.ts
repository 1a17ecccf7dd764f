import { itemOf, objectiveOf, slaLimit } from "../pipeline/objective.js";
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

const termNames = ["accuracy", "latency_s", "throughput_rps", "cost_cores", "batch", "energy_j"] as const;

/** What every option of a stage with its replicas adds, in the order of the rows: as columns, since they are read for every row. */
type Terms = Readonly<Record<(typeof termNames)[number], Float64Array>>;

function termsOf({ spec }: PipelineOptions, { options, replicas: [from, to] }: StageOptions): Terms {
	const all = options.flatMap((option, o) =>
		Array.from({ length: to - from + 1 }, (_, n) => ({
			...itemOf(spec, option, o, from + n),
			batch: option.batch,
			throughput_rps: option.throughput_rps * (from + n),
		})),
	);
	return Object.fromEntries(termNames.map((name) => [name, Float64Array.from(all, (term) => term[name])])) as Terms;
}

/** Computes the rows from `from` on, which begins a run of the last stage, as many as the columns hold. */
function fillRows(
	{ spec, sla_s }: PipelineOptions,
	terms: readonly Terms[],
	columns: SpaceColumns,
	from: number,
): void {
	const { alpha, beta, gamma, delta } = spec.weights;
	const { product, scale } = objectiveOf(spec);
	const { strict } = slaLimit({ spec, sla_s });
	const rate = spec.arrival_rate_rps;
	const { accuracy, latency_s, throughput_rps, cost_cores, objective, feasible, energy_j_per_request } = columns;
	const rows = accuracy.length;
	const {
		accuracy: lastAccuracy,
		latency_s: lastLatency,
		throughput_rps: lastThroughput,
		cost_cores: lastCost,
		batch: lastBatch,
		energy_j: lastEnergy,
	} = terms.at(-1)!;
	const run = lastCost.length;
	const fixed = terms.slice(0, -1);
	const combinations = fixed.reduce((count, { batch }) => count * batch.length, 1);
	let before: { accuracy: number; latency: number } | undefined;
	for (let start = 0; start < rows; start += run) {
		// Sums over all stages but the last, which are fixed within a run; first stage first, as `configuration` adds: the same
		// last digits, so the same answer at the SLA.
		let sums = {
			accuracy: product ? 1 : 0,
			latency: 0,
			throughput: Number.POSITIVE_INFINITY,
			cost: 0,
			batch: 0,
			energy: 0,
		};
		let below = combinations;
		let rest = Math.floor((from + start) / run);
		for (const { accuracy, latency_s, throughput_rps, cost_cores, batch, energy_j } of fixed) {
			below /= batch.length;
			const i = Math.floor(rest / below);
			rest %= below;
			sums = {
				accuracy: product ? sums.accuracy * accuracy[i]! : sums.accuracy + accuracy[i]!,
				latency: sums.latency + latency_s[i]!,
				throughput: Math.min(sums.throughput, throughput_rps[i]!),
				cost: sums.cost + cost_cores[i]!,
				batch: sums.batch + batch[i]!,
				energy: sums.energy + energy_j[i]!,
			};
		}
		// One column at a time, which keeps each loop to two streams of memory, and written out: a call a row costs more than
		// the row. Runs that differ in replicas alone have the same accuracies and latencies: those are copied.
		const { accuracy: a0, latency: l0, throughput: t0, cost: c0, batch: b0, energy: e0 } = sums;
		if (before?.accuracy === a0) accuracy.copyWithin(start, start - run, start);
		else if (product) for (let i = 0, row = start; i < run; i++, row++) accuracy[row] = a0 * lastAccuracy[i]!;
		else for (let i = 0, row = start; i < run; i++, row++) accuracy[row] = (a0 + lastAccuracy[i]!) * scale;
		if (before?.latency === l0) latency_s.copyWithin(start, start - run, start);
		else for (let i = 0, row = start; i < run; i++, row++) latency_s[row] = l0 + lastLatency[i]!;
		before = sums;
		for (let i = 0, row = start; i < run; i++, row++) {
			const latency = latency_s[row]!;
			const carries = lastThroughput[i]!;
			throughput_rps[row] = Math.min(carries, t0);
			feasible[row] = t0 >= rate && carries >= rate && (strict ? latency < sla_s : latency <= sla_s) ? 1 : 0;
		}
		for (let i = 0, row = start; i < run; i++, row++) {
			const cost = c0 + lastCost[i]!;
			cost_cores[row] = cost;
			objective[row] = alpha * accuracy[row]! - beta * cost - gamma * (b0 + lastBatch[i]!);
		}
		if (energy_j_per_request === undefined) continue;
		for (let i = 0, row = start; i < run; i++, row++) {
			const energy = e0 + lastEnergy[i]!;
			energy_j_per_request[row] = energy;
			if (delta > 0) objective[row] = objective[row]! - delta * energy;
		}
	}
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
	const terms = pipeline.stages.map((stage) => termsOf(pipeline, stage));
	let columns = reuse ? emptyColumns(perChunk, withEnergy) : undefined;
	for (let from = 0; from < rows; from += perChunk) {
		const length = Math.min(perChunk, rows - from);
		if (columns !== undefined && columns.accuracy.length > length) columns = cut(columns, length);
		const into = columns ?? emptyColumns(length, withEnergy);
		fillRows(pipeline, terms, into, from);
		yield { from, rows: length, columns: into };
	}
}

/**
 * The whole space as one chunk: see spaceSize for what it takes.
 *
 * @example
 * const spec = { ...(await pipeline.readPreset("sum-qa")).spec, scaling_cap: 2 };
 * const space = search.wholeSpace(pipeline.pipelineOptions(spec));
 * [space.rows, space.columns.accuracy.length]; // → [48, 48]
 */
export function wholeSpace(pipeline: PipelineOptions): SpaceChunk {
	return spaceChunks(pipeline, Number.POSITIVE_INFINITY).next().value!;
}
