import { type Configuration, configuration, type StageChoice } from "../pipeline/configuration.js";
import type { PipelineOptions } from "../pipeline/options.js";
import { integerBelow, seeded } from "../random.js";
import { sortedQuantile } from "../statistics/quantile.js";
import { columnOf, type SpaceChunk, type SpaceColumn, spaceSize } from "./space.js";

/** The choice that a row stands for (mixed radix: option x replicas of each stage, the last stage varying fastest). */
export function choiceAt(pipeline: PipelineOptions, row: number): StageChoice[] {
	const { radices, rows } = spaceSize(pipeline);
	if (!(Number.isInteger(row) && row >= 0 && row < rows)) throw new RangeError(`row ${row} of a space of ${rows} rows`);
	const choice: StageChoice[] = [];
	let rest = row;
	for (let s = radices.length - 1; s >= 0; s--) {
		const radix = radices[s] as number;
		const [from, to] = (pipeline.stages[s] as PipelineOptions["stages"][number]).replicas;
		const digit = rest % radix;
		rest = Math.floor(rest / radix);
		choice.unshift({ option: Math.floor(digit / (to - from + 1)), replicas: from + (digit % (to - from + 1)) });
	}
	return choice;
}

/** The row of a choice: the inverse of choiceAt. */
export function rowOf(pipeline: PipelineOptions, choice: readonly StageChoice[]): number {
	return choice.reduce((row, { option, replicas }, s) => {
		const {
			options,
			replicas: [from, to],
		} = pipeline.stages[s] as PipelineOptions["stages"][number];
		const count = to - from + 1;
		return row * options.length * count + option * count + (replicas - from);
	}, 0);
}

/** The configuration of a row with all its metrics. */
export function configurationAt(pipeline: PipelineOptions, row: number): Configuration {
	return configuration(pipeline, choiceAt(pipeline, row));
}

/** A configuration as a flat row: what each stage is set to, and the metrics in their units. */
export type ConfigurationRow = Readonly<Record<string, string | number | undefined>>;

/**
 * Rows of a space as flat objects, for a frame: a slice, a front, a sample. Not for the space itself, which stays in
 * columns.
 *
 * @param rows within the chunk
 * @example
 * const spec = { ...(await pipeline.readPreset("sum-qa")).spec, scaling_cap: 2, arrival_rate_rps: 5 };
 * const options = pipeline.pipelineOptions(spec);
 * const space = search.wholeSpace(options);
 * const [row] = search.configurationRows(options, space, search.feasibleRows(space));
 * [row["nlp-sum cores"], row.cost_cores]; // → [1, 4]
 */
export function configurationRows(
	pipeline: PipelineOptions,
	{ from }: Pick<SpaceChunk, "from">,
	rows: Int32Array,
): ConfigurationRow[] {
	return Array.from(rows, (row) => {
		const { stages, energy, accuracy, latency_s, throughput_rps, cost_cores, objective, kind } = configurationAt(
			pipeline,
			from + row,
		);
		const knobs = stages.flatMap(({ variant, cores, batch, replicas }, s) => {
			const name = pipeline.spec.stages[s]?.name ?? `stage ${s}`;
			return Object.entries({ variant, cores, batch, replicas }).map(([knob, value]) => [`${name} ${knob}`, value]);
		});
		return {
			...Object.fromEntries(knobs),
			...{ accuracy, latency_s, throughput_rps, cost_cores, objective, kind },
			energy_j_per_request: energy.status === "available" ? energy.energy_j_per_request : undefined,
		};
	});
}

/**
 * `count` of the rows without repetition (all where there are no more), in their order; the same seed gives the same.
 *
 * @example
 * search.sampleRows(Int32Array.of(3, 5, 8), 3, 1); // → Int32Array.of(3, 5, 8)
 * search.sampleRows(Int32Array.of(3, 5, 8), 2, 1).length; // → 2
 */
export function sampleRows(rows: Int32Array, count: number, seed: number): Int32Array {
	if (count >= rows.length) return rows.slice();
	const random = seeded(seed);
	const taken = new Set<number>();
	// Floyd's sampling (Bentley and Floyd, CACM 30, 1987): one draw a row, whatever the number of rows.
	for (let last = rows.length - count; last < rows.length; last++) {
		const drawn = integerBelow(random, last + 1);
		taken.add(taken.has(drawn) ? last : drawn);
	}
	return Int32Array.from(taken)
		.sort()
		.map((position) => rows[position] as number);
}

/** What a stage is set to in each row of a chunk. */
export interface ChoiceColumns {
	/** Codes of the variants: positions in `variants`. */
	readonly variant: Uint16Array;
	readonly variants: readonly string[];
	readonly cores: Float64Array;
	readonly batch: Uint32Array;
	readonly replicas: Uint32Array;
}

/**
 * The knobs of a stage as columns of a chunk, variants coded by a dictionary. The rows hold metrics alone, since their
 * place tells their choice (mixed radix): ask for these where a filter or a group needs them.
 *
 * @param stage its position, from 0; throws RangeError where there is none
 */
export function choiceColumns(pipeline: PipelineOptions, { from, rows }: SpaceChunk, stage: number): ChoiceColumns {
	const own = pipeline.stages[stage];
	if (own === undefined) throw new RangeError(`stage ${stage} of a pipeline of ${pipeline.stages.length}`);
	const { radices } = spaceSize(pipeline);
	const below = radices.slice(stage + 1).reduce((product, radix) => product * radix, 1);
	const radix = radices[stage] as number;
	const [least, most] = own.replicas;
	const count = most - least + 1;
	const variants = [...new Set(own.options.map(({ variant }) => variant))];
	const code = own.options.map(({ variant }) => variants.indexOf(variant));
	const columns = {
		variant: new Uint16Array(rows),
		cores: new Float64Array(rows),
		batch: new Uint32Array(rows),
		replicas: new Uint32Array(rows),
	};
	for (let start = 0; start < rows; ) {
		// Rows of one digit of this stage follow each other.
		const position = Math.floor((from + start) / below);
		const end = Math.min(rows, (position + 1) * below - from);
		const digit = position % radix;
		const option = own.options[Math.floor(digit / count)] as (typeof own.options)[number];
		columns.variant.fill(code[Math.floor(digit / count)] as number, start, end);
		columns.cores.fill(option.cores, start, end);
		columns.batch.fill(option.batch, start, end);
		columns.replicas.fill(least + (digit % count), start, end);
		start = end;
	}
	return { ...columns, variants };
}

/** Rows of a chunk that a test keeps; the test gets the row within the chunk. */
export function filterRows({ rows }: SpaceChunk, keep: (row: number) => boolean): Int32Array {
	const kept = new Int32Array(rows);
	let count = 0;
	for (let row = 0; row < rows; row++) if (keep(row)) kept[count++] = row;
	return kept.slice(0, count);
}

/**
 * Rows that carry the arrival rate within the SLA.
 *
 * @example
 * const spec = { ...(await pipeline.readPreset("sum-qa")).spec, scaling_cap: 2, arrival_rate_rps: 5 };
 * const space = search.wholeSpace(pipeline.pipelineOptions(spec));
 * const rows = search.feasibleRows(space);
 * rows.every((row) => space.columns.throughput_rps[row] >= 5); // → true
 */
export function feasibleRows(chunk: SpaceChunk): Int32Array {
	return filterRows(chunk, (row) => chunk.columns.feasible[row] === 1);
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
