import { describe, expect, test } from "vitest";
import { integerBelow, seeded } from "../../src/random.js";
import { type Axis, paretoFront } from "../../src/search/pareto.js";
import type { SpaceChunk } from "../../src/search/space.js";

const axes: readonly Axis[] = [
	{ column: "cost_cores", better: "less" },
	{ column: "accuracy", better: "more" },
	{ column: "latency_s", better: "less" },
	{ column: "throughput_rps", better: "more" },
	{ column: "energy_j_per_request", better: "less" },
];

/** A chunk of seeded values, `levels` of them a column: few, so that many rows are equal on an axis, or on all. */
function chunkOf(rows: number, levels: number): SpaceChunk {
	const random = seeded(levels);
	const column = () => Float64Array.from({ length: rows }, () => integerBelow(random, levels));
	return {
		from: 0,
		rows,
		columns: {
			accuracy: column(),
			latency_s: column(),
			throughput_rps: column(),
			cost_cores: column(),
			objective: column(),
			feasible: new Uint8Array(rows),
			energy_j_per_request: column(),
		},
	};
}

// By the definition alone: what is on the front is dominated by nothing, what is not is dominated by something on it.
describe.each([2, 3, 4, 5])("a front over %d axes", (count) => {
	const used = axes.slice(0, count);
	test.each([
		// More rows than a block holds, so that fronts of blocks are put together; and less.
		[40_000, 12],
		[40_000, 300],
		[900, 1000],
		[1, 5],
		[0, 5],
	])("of %d rows with %d values an axis", (rows, levels) => {
		const chunk = chunkOf(rows, levels);
		const all = Int32Array.from({ length: rows }, (_, row) => row);
		const front = paretoFront(chunk, all, used);
		const values = used.map(({ column, better }) =>
			(chunk.columns[column] as Float64Array).map((value) => (better === "less" ? value : -value)),
		);
		const dominates = (a: number, b: number) => {
			let less = false;
			for (const own of values) {
				if ((own[a] as number) > (own[b] as number)) return false;
				if ((own[a] as number) < (own[b] as number)) less = true;
			}
			return less;
		};
		const on = new Set(front);
		expect(on.size).toBe(front.length);
		const wrong = [...all].filter((row) => front.some((other) => dominates(other, row)) === on.has(row));
		expect(wrong).toEqual([]);
		const first = [...front].map((row) => values[0]?.[row] as number);
		expect(first).toEqual([...first].sort((a, b) => a - b));
	});
});

test("a front of rows that rise on all axes but one is all of them, however many", () => {
	const rows = 50_000;
	const chunk = chunkOf(rows, 7);
	const rising = Float64Array.from({ length: rows }, (_, row) => row);
	const columns = { ...chunk.columns, cost_cores: rising, accuracy: rising };
	const all = Int32Array.from(rising);
	expect(paretoFront({ ...chunk, columns }, all, axes.slice(0, 2))).toEqual(all);
});

test("what is no front is refused", () => {
	const chunk = chunkOf(3, 3);
	const rows = Int32Array.of(0, 1, 2);
	expect(() => paretoFront(chunk, rows, axes.slice(0, 1))).toThrow("2 to 5 axes, not 1");
	const { energy_j_per_request: _, ...columns } = chunk.columns;
	expect(() => paretoFront({ ...chunk, columns }, rows, axes)).toThrow("no column energy_j_per_request");
});
