import { expect, test } from "vitest";
import { repetitionsNeeded } from "../../src/measurement/repetitions.js";

// SciPy 1.x: the least n >= 2 with t.ppf(0.975, n - 1) * variation / sqrt(n) <= target.
test.each([
	[0.05, 0.02, 27],
	[0.01, 0.02, 4],
	[0.1, 0.01, 387],
	[0.02, 0.01, 18],
	[0.3, 0.05, 141],
	[0.015, 0.01, 12],
	[0, 0.01, 2],
])("repetitions that vary by %d, within %d: %d", (variation, target, n) => {
	expect(repetitionsNeeded(variation, target)).toBe(n);
});

test("what cannot be asked is refused", () => {
	expect(() => repetitionsNeeded(Number.NaN, 0.01)).toThrow("variation must be a number >= 0");
	expect(() => repetitionsNeeded(0.1, 0)).toThrow("target must be above 0");
});
