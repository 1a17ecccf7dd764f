import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { percentile } from "../../src/statistics/quantile.js";

describe("percentile", () => {
	const values = [0.31, 0.12, 0.56, 0.09, 0.77, 0.42, 0.13];

	// numpy 2.4.6: repr(float(np.percentile(values, q))).
	test.each([
		[0, 0.09],
		[1, 0.09179999999999999],
		[50, 0.31],
		[95, 0.7069999999999999],
		[99, 0.7574],
		[100, 0.77],
	])("the %s-th is numpy's, to the last digit", (q, expected) => {
		expect(percentile(values, q)).toBe(expected);
	});

	test("one value is every percentile; the order of values does not matter", () => {
		expect(percentile([0.25], 99)).toBe(0.25);
		fc.assert(
			fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (given) => {
				expect(percentile([...given].reverse(), 99)).toBe(percentile(given, 99));
			}),
		);
	});

	test("of no values, or out of range, there is none", () => {
		expect(() => percentile([], 50)).toThrow(RangeError);
		expect(() => percentile([1], 101)).toThrow(RangeError);
		expect(() => percentile([1], Number.NaN)).toThrow(RangeError);
	});
});
