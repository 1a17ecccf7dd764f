import { expect, test } from "vitest";
import { BaseAllocationError, baseAllocations } from "../../src/pipeline/allocation.js";
import type { ProfilePoint } from "../../src/pipeline/profile.js";

const point = (variant: string, accuracy_pct: number, cores: number, throughput_rps: number): ProfilePoint => ({
	variant,
	accuracy_pct,
	cores,
	batch: 1,
	latency_s: 1 / throughput_rps,
	throughput_rps,
	kind: "measured",
});
/** The more accurate variant stands first in the file: 2, 4 and 8 requests/s; the other 8, 16 and 32. */
const points = [1, 2, 4].flatMap((cores) => [point("big", 90, cores, 2 * cores), point("small", 50, cores, 8 * cores)]);

test("variants are walked by rising accuracy, not in the order of the file", () =>
	expect(Object.fromEntries(baseAllocations(points, 5, 1))).toEqual({ small: 1, big: 4 }));

test("the threshold and the SLA are met at equality", () => {
	expect(Object.fromEntries(baseAllocations(points, 8, 1 / 8))).toEqual({ small: 1, big: 4 });
	expect(Object.fromEntries(baseAllocations(points, 4, 1 / 4))).toEqual({ small: 1, big: 2 });
	expect(() => baseAllocations(points, 8.001, 1)).toThrow(BaseAllocationError);
	expect(() => baseAllocations(points, 1, 0.124)).toThrow(
		/big reaches 1 requests\/s within the stage's SLA of 0.124 s/,
	);
});

test("a later variant moves up by one where the next allocation has more batches that fit, and never back", () => {
	const batches = (variant: string, accuracy_pct: number, counts: readonly number[]) =>
		counts.flatMap((count, i) =>
			Array.from({ length: 3 }, (_, b) => point(variant, accuracy_pct, 2 ** i, b < count ? 10 : 1)),
		);
	const chosen = baseAllocations(
		[...batches("a", 10, [0, 1, 1]), ...batches("b", 20, [3, 1, 2]), ...batches("c", 30, [3, 3, 3])],
		5,
		2,
	);
	expect(Object.fromEntries(chosen)).toEqual({ a: 2, b: 4, c: 4 });
});
