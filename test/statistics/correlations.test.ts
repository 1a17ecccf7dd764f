import { describe, expect, test } from "vitest";
import { distanceCorrelation } from "../../src/statistics/distanceCorrelation.js";
import { kendall } from "../../src/statistics/kendall.js";
import { partialRank } from "../../src/statistics/partialRank.js";
import { pearson } from "../../src/statistics/pearson.js";
import { ranks } from "../../src/statistics/ranks.js";
import { spearman } from "../../src/statistics/spearman.js";
import { expectAllClose, expectClose, fixture, ok, type RegressionFixture, reason } from "./support.js";

interface Case {
	readonly name: string;
	readonly x: readonly number[];
	readonly y: readonly number[];
	readonly ranks_x: readonly number[];
	readonly pearson: { readonly value: number; readonly p: number };
	readonly spearman: { readonly value: number; readonly p: number };
	readonly kendall: { readonly value: number; readonly p: number };
}

const { source, cases } = fixture<{ source: string; cases: readonly Case[] }>("correlations.json");
const { sweep } = fixture<RegressionFixture>("regression.json");

describe(`agrees with ${source}`, () => {
	test.each(cases)("$name", ({ x, y, ...expected }) => {
		expectAllClose(ranks(x), expected.ranks_x, 0);
		for (const [correlation, values] of [
			[pearson, expected.pearson],
			[spearman, expected.spearman],
			[kendall, expected.kendall],
		] as const) {
			const { value, p, n } = ok(correlation(x, y));
			// Data a million standard deviations from 0 hold no more than ten digits of their deviations.
			expectClose(value, values.value, 1e-9);
			// 1 - r^2 keeps fewer digits than r: a p value of 1e-199 agrees to those. SciPy gives exactly 0 or 1e-38 for
			// a rank correlation within rounding of 1.
			if (1 - Math.abs(values.value) < 1e-12) expect(p).toBeLessThan(1e-9);
			else expectClose(p, values.p, 1e-9);
			expect(n).toBe(x.length);
		}
	});
});

describe("agrees with R, by another road", () => {
	const { cores, batch, accuracy, latency } = sweep.columns;

	test("partial Spearman from the inverse of the rank correlation matrix", () => {
		for (const [controls, expected] of [
			[[cores], sweep.partial_one],
			[[cores, batch, accuracy], sweep.partial_three],
		] as const) {
			const { value, p } = ok(partialRank(sweep.energy, latency, controls));
			expectClose(value, expected.value);
			expectClose(p, expected.p);
		}
	});

	test("distance correlation from double-centred matrices", () => {
		expectClose(ok(distanceCorrelation(sweep.energy, latency)).value, sweep.dcor_latency);
		expectClose(ok(distanceCorrelation(sweep.energy, cores)).value, sweep.dcor_cores);
	});

	test("partial Spearman without controls is Spearman", () => {
		expectClose(ok(partialRank(sweep.energy, latency, [])).p, ok(spearman(sweep.energy, latency)).p);
	});
});

test("kendall counts by hand: 3 pairs concordant, 2 discordant, 1 tied in y", () => {
	expectClose(ok(kendall([1, 2, 3, 4], [1, 2, 2, 1.5])).value, (3 - 2) / Math.sqrt(6 * 5));
});

test("distance correlation sees what Pearson and Spearman cannot", () => {
	const x = Array.from({ length: 41 }, (_, i) => i - 20);
	const y = x.map((value) => value ** 2);
	expectClose(ok(pearson(x, y)).value, 0, 1, 1e-12);
	expect(ok(distanceCorrelation(x, y)).value).toBeGreaterThan(0.4);
	expectClose(ok(distanceCorrelation(x, x)).value, 1);
});

describe("outcomes without a value", () => {
	const fine = [1, 2, 3, 5];
	const correlations = {
		pearson,
		spearman,
		kendall,
		distanceCorrelation,
		partialRank: (x: number[], y: number[]) => partialRank(x, y, []),
	};
	test.each(Object.entries(correlations))("%s", (_, correlation) => {
		expect(reason(correlation([1, 2, 3], [1, 2, 3]))).toBe("too-few");
		expect(reason(correlation([], []))).toBe("too-few");
		expect(reason(correlation(fine, [1, 2, 3]))).toBe("length-mismatch");
		expect(reason(correlation(fine, [7, 7, 7, 7]))).toBe("constant");
		expect(reason(correlation([0, 0, 0, 0], fine))).toBe("constant");
		expect(reason(correlation([0.3, 0.1 + 0.2, 0.3, 0.3], fine))).toBe("constant");
		expect(reason(correlation(fine, [1, Number.NaN, 3, 4]))).toBe("non-finite");
		expect(reason(correlation([1, 2, Number.POSITIVE_INFINITY, 4], fine))).toBe("non-finite");
		expect(reason(correlation([1e300, -1e300, 2, 3], fine))).toBe("out-of-range");
		expect(reason(correlation(fine, [1e-200, 2e-200, 3e-200, 5e-200]))).toBe("out-of-range");
		expect(correlation(fine, [2, 1, 4, 3]).status).toBe("ok");
	});

	test("partialRank names what is dependent", () => {
		const x = [1, 5, 2, 8, 4, 7];
		const y = [2, 4, 1, 6, 9, 3];
		const control = [3, 1, 4, 1, 5, 9];
		expect(partialRank(x, y, [control, control.map((value) => value ** 3)])).toMatchObject({
			reason: "rank-deficient",
			dependent: ["control 1"],
		});
		expect(partialRank(x, y, [x])).toMatchObject({ reason: "rank-deficient", dependent: ["x"] });
		expect(partialRank(x, y, [[2, 2, 2, 2, 2, 2]])).toMatchObject({
			reason: "rank-deficient",
			dependent: ["control 0"],
		});
		expect(reason(partialRank(x, y, [x, y, control]))).toBe("too-few");
		expect(reason(partialRank(x, y, [[1, 2, 3]]))).toBe("length-mismatch");
		expect(reason(partialRank(x, y, [[1, 2, 3, 4, 5, Number.NaN]]))).toBe("non-finite");
	});
});
