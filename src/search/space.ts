import { stageEnergy } from "../pipeline/energy.js";
import type { PipelineOptions } from "../pipeline/options.js";

/** Separable terms of every (option, replicas) of a stage, in the order of the rows. */
export interface Terms {
	readonly accuracy: Float64Array;
	readonly latency_s: Float64Array;
	readonly throughput_rps: Float64Array;
	readonly cost_cores: Float64Array;
	readonly batch: Float64Array;
	readonly energy_j: Float64Array;
}

/** Terms of a stage, by its position. */
export function termsOf(pipeline: PipelineOptions, stage: number, withEnergy: boolean): Terms {
	const {
		options,
		replicas: [from, to],
	} = pipeline.stages[stage] as PipelineOptions["stages"][number];
	const count = to - from + 1;
	const length = options.length * count;
	const make = () => new Float64Array(length);
	const terms: Terms = {
		accuracy: make(),
		latency_s: make(),
		throughput_rps: make(),
		cost_cores: make(),
		batch: make(),
		energy_j: make(),
	};
	options.forEach((option, o) => {
		for (let n = from; n <= to; n++) {
			const i = o * count + (n - from);
			terms.accuracy[i] = option.accuracy;
			terms.latency_s[i] = option.latency_s + option.queueing_s;
			terms.throughput_rps[i] = option.throughput_rps * n;
			terms.cost_cores[i] = option.cores * n;
			terms.batch[i] = option.batch;
			if (withEnergy && option.energy !== undefined)
				terms.energy_j[i] = stageEnergy(
					option.energy,
					{ ...option, latency_s: option.service_s, replicas: n },
					pipeline.spec.arrival_rate_rps,
				).energy_j_per_request;
		}
	});
	return terms;
}

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

/** Columns of zeros. */
export function emptyColumns(rows: number, withEnergy: boolean): SpaceColumns {
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
export function cut(columns: SpaceColumns, rows: number): SpaceColumns {
	const entries = Object.entries(columns as unknown as Record<string, Float64Array | Uint8Array>);
	return Object.freeze(Object.fromEntries(entries.map(([name, own]) => [name, own.subarray(0, rows)]))) as never;
}

/** Computes the rows from `from` on, as many as the columns hold. */
export function fillRows(
	{ spec, sla_s }: PipelineOptions,
	terms: readonly Terms[],
	radices: readonly number[],
	columns: SpaceColumns,
	from: number,
): void {
	const { alpha, beta, gamma, delta } = spec.weights;
	const product = spec.accuracy_method === "product";
	const scale = spec.accuracy_method === "average" ? 1 / terms.length : 1;
	const strict = spec.semantics === "ipa-e1f08dd";
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
	} = terms.at(-1) as Terms;
	const run = radices.at(-1) as number;
	const digits = new Array<number>(terms.length).fill(0);
	const weighted = delta > 0;
	let before: { accuracy: number; latency: number } | undefined;
	for (let start = 0; start < rows; start += run) {
		// Sums over all stages but the last, which are fixed within a run.
		let sums = {
			accuracy: product ? 1 : 0,
			latency: 0,
			throughput: Number.POSITIVE_INFINITY,
			cost: 0,
			batch: 0,
			energy: 0,
		};
		let rest = Math.floor((from + start) / run);
		for (let s = terms.length - 2; s >= 0; s--) {
			const radix = radices[s] as number;
			digits[s] = rest % radix;
			rest = Math.floor(rest / radix);
		}
		// First stage first, as `configuration` adds: the same last digits, so the same answer at the SLA.
		for (let s = 0; s < terms.length - 1; s++) {
			const i = digits[s] as number;
			const own = terms[s] as Terms;
			sums = {
				accuracy: product ? sums.accuracy * (own.accuracy[i] as number) : sums.accuracy + (own.accuracy[i] as number),
				latency: sums.latency + (own.latency_s[i] as number),
				throughput: Math.min(sums.throughput, own.throughput_rps[i] as number),
				cost: sums.cost + (own.cost_cores[i] as number),
				batch: sums.batch + (own.batch[i] as number),
				energy: sums.energy + (own.energy_j[i] as number),
			};
		}
		// One column at a time, which keeps each loop to two streams of memory. Runs that differ in replicas alone have the
		// same accuracies and latencies: those are copied.
		const { accuracy: a0, latency: l0, throughput: t0, cost: c0, batch: b0, energy: e0 } = sums;
		if (before?.accuracy === a0) accuracy.copyWithin(start, start - run, start);
		else if (product)
			for (let i = 0, row = start; i < run; i++, row++) accuracy[row] = a0 * (lastAccuracy[i] as number);
		else for (let i = 0, row = start; i < run; i++, row++) accuracy[row] = (a0 + (lastAccuracy[i] as number)) * scale;
		if (before?.latency === l0) latency_s.copyWithin(start, start - run, start);
		else for (let i = 0, row = start; i < run; i++, row++) latency_s[row] = l0 + (lastLatency[i] as number);
		before = sums;
		for (let i = 0, row = start; i < run; i++, row++) {
			const l = latency_s[row] as number;
			const t = lastThroughput[i] as number;
			throughput_rps[row] = Math.min(t, t0);
			feasible[row] = t0 >= rate && t >= rate && (strict ? l < sla_s : l <= sla_s) ? 1 : 0;
		}
		for (let i = 0, row = start; i < run; i++, row++) {
			const c = c0 + (lastCost[i] as number);
			cost_cores[row] = c;
			objective[row] = alpha * (accuracy[row] as number) - beta * c - gamma * (b0 + (lastBatch[i] as number));
		}
		if (energy_j_per_request !== undefined)
			for (let i = 0, row = start; i < run; i++, row++) {
				const e = e0 + (lastEnergy[i] as number);
				energy_j_per_request[row] = e;
				if (weighted) objective[row] = (objective[row] as number) - delta * e;
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
