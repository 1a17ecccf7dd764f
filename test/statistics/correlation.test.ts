import { expect, test } from "vitest";
import { kendall } from "../../src/statistics/kendall.js";
import { pearson } from "../../src/statistics/pearson.js";
import { spearman } from "../../src/statistics/spearman.js";

test("correlations with ties agree with SciPy 1.10.1", () => {
	const x = [1, 2, 2, 4, 5, 7, 7, 7];
	const y = [2, 1, 4, 4, 6, 5, 5, 9];
	const expected = [
		[pearson, 0.7803898228929835, 0.022309048527555036],
		[spearman, 0.8262304062195839, 0.011467618963486009],
		[kendall, 0.6805446536716204, 0.02682154494366902],
	] as const;
	for (const [correlation, value, p] of expected) {
		const outcome = correlation(x, y);
		if (outcome.status !== "ok") throw new Error(outcome.detail);
		expect(outcome.value).toBeCloseTo(value, 12);
		expect(outcome.p).toBeCloseTo(p, 12);
	}
});
