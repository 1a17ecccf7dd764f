import { expect, test } from "vitest";
import { sortedQuantile } from "../../src/statistics/quantile.js";

const sorted = Float64Array.of(0.09, 0.12, 0.13, 0.31, 0.42, 0.56, 0.77);

// numpy 2.4.6: repr(float(np.quantile(values, p))).
test.each([
	[0, 0.09],
	[0.25, 0.125],
	[0.3, 0.128],
	[0.95, 0.7069999999999999],
	[1, 0.77],
])("the %s-quantile is numpy's, to the last digit", (p, expected) => {
	expect(sortedQuantile(sorted, p)).toBe(expected);
});

test("of no values, or out of range, there is none", () => {
	expect(() => sortedQuantile(new Float64Array(0), 0.5)).toThrow("a quantile of no values");
	for (const p of [-0.1, 1.1, Number.NaN]) expect(() => sortedQuantile(sorted, p)).toThrow(RangeError);
});
