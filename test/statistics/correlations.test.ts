import { describe, expect, test } from "vitest";
import { kendall, ranks } from "../../src/statistics/kendall.js";
import { expectAllClose, expectClose, fixture, ok, reason, spearman } from "./support.js";

interface Case {
	readonly name: string;
	readonly x: readonly number[];
	readonly y: readonly number[];
	readonly ranks_x: readonly number[];
	readonly spearman: { readonly value: number; readonly p: number };
	readonly kendall: { readonly value: number; readonly p: number };
}

const { source, cases } = fixture<{ source: string; cases: readonly Case[] }>("correlations.json");

describe(`agrees with ${source}`, () => {
	test.each(cases)("$name", ({ x, y, ...expected }) => {
		expectAllClose(ranks(x), expected.ranks_x, 0);
		const exact = spearman(x, y);
		if (exact !== undefined) expectClose(exact, expected.spearman.value, 1e-9);
		const { value, p, n } = ok(kendall(x, y));
		expectClose(value, expected.kendall.value, 1e-9);
		expectClose(p, expected.kendall.p, 1e-9);
		expect(n).toBe(x.length);
	});
});

test("kendall counts by hand: 3 pairs concordant, 2 discordant, 1 tied in y", () => {
	expectClose(ok(kendall([1, 2, 3, 4], [1, 2, 2, 1.5])).value, (3 - 2) / Math.sqrt(6 * 5));
});

describe("outcomes without a value", () => {
	const fine = [1, 2, 3, 5];
	const correlation = kendall;
	test("kendall", () => {
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
});
