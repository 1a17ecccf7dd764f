import { integerBelow, seeded } from "../random.js";

/** `count` of the rows without repetition (all where there are no more), in their order; the same seed gives the same. */
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
