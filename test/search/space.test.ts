import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pipelineOptions } from "../../src/pipeline/options.js";
import { paretoFront } from "../../src/search/pareto.js";
import {
	choiceAt,
	choiceColumns,
	columnQuantiles,
	configurationAt,
	feasibleRows,
	rowOf,
	sampleRows,
	summarise,
	topRows,
} from "../../src/search/query.js";
import { spaceChunks, spaceSize, wholeSpace } from "../../src/search/space.js";
import { oracle, specOf } from "../pipeline/oracle.js";
import { pipelines } from "./pipelines.js";

const small = pipelines({ stages: 3, variants: 3, batches: [1, 4], cap: 3, energy: true });

test("counts of IPA's own enumeration, all cases of the oracle", () => {
	for (const entry of oracle) {
		if (entry.expected.error !== undefined) continue;
		const space = wholeSpace(pipelineOptions(specOf(entry)));
		expect(space.rows).toBe(entry.expected.n_states);
		expect(feasibleRows(space).length).toBe(entry.expected.n_feasible);
	}
});

test("every column of every row equals the configuration's own metric; row and choice are inverse", () => {
	fc.assert(
		fc.property(small, (spec) => {
			const pipeline = pipelineOptions(spec);
			const { rows, columns } = wholeSpace(pipeline);
			for (let row = 0; row < rows; row += Math.max(1, Math.floor(rows / 50))) {
				const own = configurationAt(pipeline, row);
				expect(rowOf(pipeline, choiceAt(pipeline, row))).toBe(row);
				expect(columns.accuracy[row]).toBeCloseTo(own.accuracy, 12);
				expect(columns.throughput_rps[row]).toBe(own.throughput_rps);
				expect(columns.cost_cores[row]).toBe(own.cost_cores);
				expect(columns.latency_s[row]).toBe(own.latency_s);
				expect(columns.feasible[row]).toBe(own.feasible ? 1 : 0);
				expect(columns.objective[row]).toBeCloseTo(own.objective, 9);
				if (own.energy.status === "available")
					expect(columns.energy_j_per_request?.[row]).toBeCloseTo(own.energy.energy_j_per_request, 9);
			}
		}),
		{ numRuns: 50 },
	);
});

test("chunks hold the same rows as the whole, and the size told is the size built", () => {
	fc.assert(
		fc.property(small, fc.integer({ min: 1, max: 500 }), (spec, perChunk) => {
			const pipeline = pipelineOptions(spec);
			const whole = wholeSpace(pipeline);
			const size = spaceSize(pipeline);
			const bytes = Object.values(whole.columns).reduce((sum, column) => sum + column.byteLength, 0);
			expect([whole.rows, bytes]).toEqual([size.rows, size.bytes]);
			for (const name of ["objective", "latency_s", "feasible"] as const) {
				const all = [...whole.columns[name]];
				expect([...spaceChunks(pipeline, perChunk)].flatMap(({ columns }) => [...columns[name]])).toEqual(all);
				// Read as they come, since the next chunk takes the same memory.
				const reused: number[] = [];
				for (const { columns } of spaceChunks(pipeline, perChunk, true)) reused.push(...columns[name]);
				expect(reused).toEqual(all);
			}
		}),
		{ numRuns: 30 },
	);
});

describe("queries", () => {
	const spec = specOf(oracle[0] as (typeof oracle)[number]);
	const space = wholeSpace(pipelineOptions(spec));
	const rows = feasibleRows(space);

	test("the top row is IPA's optimum, and top-k equals sorting", () => {
		const top = topRows(space, rows, "objective", 10);
		expect(space.columns.objective[top[0] as number]).toBeCloseTo(oracle[0]?.expected.optimum as number, 9);
		const sorted = [...rows].map((row) => space.columns.objective[row] as number).sort((a, b) => b - a);
		expect([...top].map((row) => space.columns.objective[row])).toEqual(sorted.slice(0, 10));
	});

	test("quantiles by hand, and summaries that add up", () => {
		const four = Int32Array.from(topRows(space, rows, "cost_cores", rows.length, "smallest").slice(0, 4));
		const costs = [...four].map((row) => space.columns.cost_cores[row] as number);
		expect(columnQuantiles(space, four, "cost_cores", [0, 0.5, 1])).toEqual([
			costs[0],
			((costs[1] as number) + (costs[2] as number)) / 2,
			costs[3],
		]);
		const groups = summarise(space, rows, "cost_cores", (row) =>
			Math.round(100 * (space.columns.accuracy[row] as number)),
		);
		expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(rows.length);
	});

	test("a front has no dominated row and misses none: against the definition", () => {
		const axes = [
			{ column: "latency_s", better: "less" },
			{ column: "cost_cores", better: "less" },
			{ column: "accuracy", better: "more" },
		] as const;
		const front = new Set(paretoFront(space, rows, axes));
		const point = (row: number) =>
			[
				space.columns.latency_s[row],
				space.columns.cost_cores[row],
				-(space.columns.accuracy[row] as number),
			] as number[];
		const dominated = [...rows].filter((row) =>
			[...rows].some((other) => {
				const [a, b] = [point(other), point(row)];
				return a.every((v, k) => v <= (b[k] as number)) && a.some((v, k) => v < (b[k] as number));
			}),
		);
		expect(new Set([...rows].filter((row) => !dominated.includes(row)))).toEqual(front);
	});
});

test("the knobs of every row, whatever chunk it is in, are those of its choice", () => {
	fc.assert(
		fc.property(small, (spec) => {
			const pipeline = pipelineOptions(spec);
			for (const chunk of spaceChunks(pipeline, 100))
				pipeline.stages.forEach(({ options }, stage) => {
					const { variant, variants, cores, batch, replicas } = choiceColumns(pipeline, chunk, stage);
					for (let row = 0; row < chunk.rows; row += 7) {
						const choice = choiceAt(pipeline, chunk.from + row)[stage];
						const option = options[choice?.option ?? -1];
						expect([variants[variant[row] as number], cores[row], batch[row], replicas[row]]).toEqual([
							option?.variant,
							option?.cores,
							option?.batch,
							choice?.replicas,
						]);
					}
				});
		}),
		{ numRuns: 20 },
	);
});

test("a sample: no row twice, in order, the same from the same seed, each row as often as the others", () => {
	const rows = Int32Array.from({ length: 50 }, (_, i) => 3 * i);
	const times = new Map<number, number>();
	for (let seed = 0; seed < 4000; seed++) {
		const sample = sampleRows(rows, 5, seed);
		expect([...sample]).toEqual([...new Set(sample)].sort((a, b) => a - b));
		expect(sample.length).toBe(5);
		for (const row of sample) times.set(row, (times.get(row) ?? 0) + 1);
	}
	expect(sampleRows(rows, 5, 11)).toEqual(sampleRows(rows, 5, 11));
	expect(sampleRows(rows, 99, 1)).toEqual(rows);
	// 400 expected a row, standard deviation sqrt(4000 x 0.1 x 0.9) = 19: five of them either way.
	for (const row of rows) expect(Math.abs((times.get(row) ?? 0) - 400)).toBeLessThan(95);
});
