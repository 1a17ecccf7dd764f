import { describe, expect, test } from "vitest";
import { fisherZInterval, tInterval } from "../../src/statistics/intervals.js";
import { expectClose, fixture, ok, type RegressionFixture, reason } from "./support.js";

const { source, t_interval, fisher_z } = fixture<RegressionFixture>("regression.json");

describe(`agrees with ${source}`, () => {
	test("tInterval with t.test", () => {
		const { mean, sd, n } = t_interval;
		const interval = ok(tInterval(mean, sd, n));
		expectClose(interval.low, t_interval.low);
		expectClose(interval.high, t_interval.high);
		expectClose(ok(tInterval(mean, sd, n, 0.9)).low, t_interval.low_90);
		expectClose(ok(tInterval(mean, sd, n, 0.9)).high, t_interval.high_90);
	});

	test("fisherZInterval with cor.test", () => {
		const interval = ok(fisherZInterval(fisher_z.r, fisher_z.n));
		expectClose(interval.low, fisher_z.low);
		expectClose(interval.high, fisher_z.high);
	});
});

test("the interval of a rank correlation is the wider one", () => {
	const pearson = ok(fisherZInterval(0.6, 25));
	const spearman = ok(fisherZInterval(0.6, 25, { method: "spearman" }));
	expect(spearman.low).toBeLessThan(pearson.low);
	expect(spearman.high).toBeGreaterThan(pearson.high);
	// By hand: atanh(0.6) = 0.693147, s = sqrt(1.18 / 22) = 0.231595.
	expectClose(spearman.high, Math.tanh(Math.LN2 + 1.959963984540054 * Math.sqrt(1.18 / 22)), 1e-12);
});

test("outcomes without an interval are tagged", () => {
	expect(reason(tInterval(1, 1, 1))).toBe("too-few");
	expect(reason(tInterval(1, Number.NaN, 5))).toBe("non-finite");
	expect(reason(tInterval(1, -1, 5))).toBe("out-of-range");
	expect(reason(tInterval(1, 1, 5, 95))).toBe("out-of-range");
	expect(reason(fisherZInterval(0.5, 3))).toBe("too-few");
	expect(reason(fisherZInterval(1, 10))).toBe("constant");
	expect(reason(fisherZInterval(1.1, 10))).toBe("out-of-range");
	expect(reason(fisherZInterval(Number.NaN, 10))).toBe("out-of-range");
	expect(reason(fisherZInterval(0.5, 10, { level: 0 }))).toBe("out-of-range");
});
