import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	type Count,
	type Counter,
	type CountFault,
	countFrom,
	countOn,
	type Observation,
} from "../../src/energy/counter.js";

// The two ranges that Intel's units of 61 and 15.3 uJ give.
const ranges = fc.constantFrom(262143.32885, 65712.999613);
const at = (value_j: number, time_s: number): Observation => ({ value_j, notBefore_s: time_s, notAfter_s: time_s });

function countAll(counter: Counter, [first, ...rest]: readonly Observation[]): Count | CountFault {
	let count: Count | CountFault = countFrom(first as Observation);
	for (const next of rest) if (count.status === "counted") count = countOn(counter, count, next);
	return count;
}

/** A true energy over time, and what a counter of that range shows of it. */
function shown(
	range_j: number,
	start_j: number,
	steps: readonly { readonly power_w: number; readonly gap_s: number }[],
) {
	let energy_j = 0;
	let time_s = 0;
	let wraps = 0;
	const observations = [at(start_j % range_j, 0)];
	for (const { power_w, gap_s } of steps) {
		const before = Math.floor((start_j + energy_j) / range_j);
		energy_j += power_w * gap_s;
		time_s += gap_s;
		wraps += Math.floor((start_j + energy_j) / range_j) - before;
		observations.push(at((start_j + energy_j) % range_j, time_s));
	}
	return { energy_j, wraps, observations };
}

const powers = fc.double({ min: 0, max: 1000, noNaN: true });

describe("a counter that wraps", () => {
	test("gives the true energy and every wrap where the gaps are under what the ceiling needs for a range", () => {
		fc.assert(
			fc.property(
				ranges,
				fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
				fc.array(fc.record({ power_w: powers, share: fc.double({ min: 0.01, max: 0.99, noNaN: true }) }), {
					minLength: 1,
					maxLength: 60,
				}),
				(range_j, start, shares) => {
					const steps = shares.map(({ power_w, share }) => ({ power_w, gap_s: (share * range_j) / 1000 }));
					const truth = shown(range_j, start * range_j, steps);
					const count = countAll({ range_j, ceiling_w: 1000, update_s: 0.001 }, truth.observations);
					expect(count).toMatchObject({ status: "counted", wraps: truth.wraps, samples: steps.length + 1 });
					if (count.status === "counted") expect(Math.abs(count.energy_j - truth.energy_j)).toBeLessThan(1e-5);
				},
			),
		);
	});

	test("never gives a wrong energy, however long the gaps are: the true one, or a refusal", () => {
		fc.assert(
			fc.property(
				ranges,
				fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
				fc.array(fc.record({ power_w: powers, gap_s: fc.double({ min: 0.01, max: 2000, noNaN: true }) }), {
					minLength: 1,
					maxLength: 8,
				}),
				(range_j, start, steps) => {
					const truth = shown(range_j, start * range_j, steps);
					const count = countAll({ range_j, ceiling_w: 1000, update_s: 0.001 }, truth.observations);
					if (count.status === "counted") expect(Math.abs(count.energy_j - truth.energy_j)).toBeLessThan(1e-5);
					else expect(count.cause).toBe("wrapped-twice");
				},
			),
			{ numRuns: 500 },
		);
	});

	test("that begins anew is never taken for a wrap", () => {
		fc.assert(
			fc.property(
				ranges,
				fc.double({ min: 0.01, max: 0.9, noNaN: true }),
				fc.double({ min: 0, max: 1, noNaN: true }),
				(range_j, height, gap_s) => {
					const counter = { range_j, ceiling_w: 1000, update_s: 0.001 };
					// At most 90 % of the range before, some joules after: a wrap would need a tenth of the range in a second.
					const value_j = height * range_j;
					const after = Math.min(value_j / 2, 100 * gap_s);
					expect(countAll(counter, [at(value_j, 0), at(after, gap_s)])).toMatchObject({ cause: "reset" });
				},
			),
		);
	});
});

describe("a counter by hand", () => {
	const counter = { range_j: 100, ceiling_w: 50, update_s: 0 };
	test("wraps: 90 J, then 15 J of 100 J: 25 J", () =>
		expect(countAll(counter, [at(90, 0), at(15, 1)])).toMatchObject({ energy_j: 25, wraps: 1 }));
	// 125 J more than the 25 J seen would be needed: 2.5 s at 50 W.
	test("is refused from the second on which a range more fits", () => {
		expect(countAll(counter, [at(90, 0), at(15, 2.4)])).toMatchObject({ status: "counted" });
		expect(countAll(counter, [at(90, 0), at(15, 2.5)])).toMatchObject({ cause: "wrapped-twice" });
		expect(countAll(counter, [at(15, 0), at(40, 2.5)])).toMatchObject({ cause: "wrapped-twice" });
	});
	test("cannot rise faster than its ceiling", () =>
		expect(countAll(counter, [at(0, 0), at(51, 1)])).toMatchObject({ cause: "malformed" }));
	test("cannot stand beyond its range, below 0 or at no number", () => {
		for (const value of [100.1, -1, Number.NaN])
			expect(countAll(counter, [at(0, 0), at(value, 1)])).toMatchObject({ cause: "malformed" });
	});
	test("and a clock that goes back is no clock, at either end of a read", () => {
		expect(countAll(counter, [at(0, 1), at(1, 0.5)])).toMatchObject({ cause: "clock-went-back" });
		const between = (notBefore_s: number, notAfter_s: number) => ({ value_j: 1, notBefore_s, notAfter_s });
		for (const next of [between(0.9, 1.3), between(1, 1.1)])
			expect(countAll(counter, [between(1, 1.2), next])).toMatchObject({ cause: "clock-went-back" });
	});
	test("may stand at 0, and rise by all that its ceiling lets it", () =>
		expect(countAll(counter, [at(0, 0), at(0, 0.1), at(50, 1.1)])).toMatchObject({ energy_j: 50, samples: 3 }));
	test("that never wraps but falls was reset", () =>
		expect(
			countAll({ range_j: Number.POSITIVE_INFINITY, ceiling_w: Number.POSITIVE_INFINITY, update_s: 0 }, [
				at(5, 0),
				at(4, 1),
			]),
		).toMatchObject({ cause: "reset" }));
});
