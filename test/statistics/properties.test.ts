import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kendall, ranks } from "../../src/statistics/kendall.js";
import { ols } from "../../src/statistics/ols.js";
import { expectClose, ok } from "./support.js";

/** Tables of `width` columns of 4 to 30 whole numbers, with many ties; exact under shifts and monotone maps. */
const table = (width: number) =>
	fc
		.array(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: width, maxLength: width }), {
			minLength: 4 + width,
			maxLength: 30,
		})
		.map((rows) => Array.from({ length: width }, (_, j) => rows.map((row) => row[j] as number)));
const settings = { seed: 1, numRuns: 200 };
const close = (actual: number, expected: number) => expectClose(actual, expected, 1e-9, 1e-3);

describe("correlations", () => {
	const all = { kendall };

	test.each(Object.entries(all))("%s is bounded, symmetric, and knows an input from itself", (_, correlation) => {
		fc.assert(
			fc.property(table(2), ([x = [], y = []]) => {
				const outcome = correlation(x, y);
				expect(outcome.status === "undefined").toBe(new Set(x).size === 1 || new Set(y).size === 1);
				if (outcome.status === "undefined") return;
				expect(Math.abs(outcome.value)).toBeLessThanOrEqual(1);
				close(ok(correlation(y, x)).value, outcome.value);
				expectClose(ok(correlation(x, x)).value, 1, 1e-12);
			}),
			settings,
		);
	});

	test.each(Object.entries(all))(
		"%s does not see the order of the observations, nor shift and scale",
		(_, correlation) => {
			fc.assert(
				fc.property(table(2), ([x = [], y = []]) => {
					const outcome = correlation(x, y);
					if (outcome.status === "undefined") return;
					close(ok(correlation(x.toReversed(), y.toReversed())).value, outcome.value);
					close(
						ok(
							correlation(
								x.map((value) => 1000 + 4 * value),
								y,
							),
						).value,
						outcome.value,
					);
				}),
				settings,
			);
		},
	);

	test.each(Object.entries(all))("%s is unmoved by monotone maps and flips under a falling one", (_, rank) => {
		fc.assert(
			fc.property(table(2), ([x = [], y = []]) => {
				const outcome = rank(x, y);
				if (outcome.status === "undefined") return;
				expect(
					ok(
						rank(
							x.map((value) => value ** 3),
							y.map(Math.exp),
						),
					),
				).toEqual(outcome);
				close(
					ok(
						rank(
							x.map((value) => -value),
							y,
						),
					).value,
					-outcome.value,
				);
			}),
			settings,
		);
	});

	test("kendall is the count over all pairs", () => {
		fc.assert(
			fc.property(table(2), ([x = [], y = []]) => {
				const outcome = kendall(x, y);
				if (outcome.status === "undefined") return;
				let score = 0;
				let untiedX = 0;
				let untiedY = 0;
				for (let i = 0; i < x.length; i++)
					for (let j = 0; j < i; j++) {
						const dx = Math.sign((x[i] as number) - (x[j] as number));
						const dy = Math.sign((y[i] as number) - (y[j] as number));
						score += dx * dy;
						untiedX += dx * dx;
						untiedY += dy * dy;
					}
				close(outcome.value, score / Math.sqrt(untiedX * untiedY));
			}),
			settings,
		);
	});

	test("ranks sum to n(n + 1)/2 and keep the order", () => {
		fc.assert(
			fc.property(table(1), ([x = []]) => {
				const rank = ranks(x);
				expect(rank.reduce((sum, value) => sum + value, 0)).toBe((x.length * (x.length + 1)) / 2);
				for (let i = 1; i < x.length; i++)
					expect(Math.sign((rank[i] as number) - (rank[0] as number))).toBe(
						Math.sign((x[i] as number) - (x[0] as number)),
					);
			}),
			settings,
		);
	});
});

describe("regression", () => {
	const named = (columns: readonly (readonly number[])[]) => columns.map((values, j) => ({ name: `x${j}`, values }));

	test("residuals are orthogonal to the design, and the fit moves with y", () => {
		fc.assert(
			fc.property(table(3), ([a = [], b = [], y = []]) => {
				const outcome = ols(named([a, b]), y);
				if (outcome.status === "undefined") return;
				for (const column of [a, b, a.map(() => 1)]) {
					const product = column.reduce((sum, value, i) => sum + value * (outcome.residuals[i] as number), 0);
					expect(Math.abs(product)).toBeLessThan(1e-8);
				}
				expect(outcome.r2).toBeGreaterThan(-1e-12);
				expect(outcome.r2).toBeLessThanOrEqual(1);
				const moved = ok(
					ols(
						named([a, b]),
						y.map((value, i) => 3 * value + 2 * (a[i] as number) + 5),
					),
				);
				const at = (fit: typeof moved, j: number) => fit.coefficients[j]?.estimate as number;
				expectClose(at(moved, 0), 3 * at(outcome, 0) + 5, 1e-7, 1);
				expectClose(at(moved, 1), 3 * at(outcome, 1) + 2, 1e-7, 1);
				expectClose(at(moved, 2), 3 * at(outcome, 2), 1e-7, 1);
			}),
			settings,
		);
	});

	test("a repeated column is named, wherever it stands", () => {
		fc.assert(
			fc.property(table(3), ([a = [], b = [], y = []]) => {
				if (ols(named([a, b]), y).status === "undefined") return;
				expect(ols(named([a, b, a]), y)).toMatchObject({ reason: "rank-deficient", dependent: ["x2"] });
				expect(ols(named([a, a, b]), y)).toMatchObject({ reason: "rank-deficient", dependent: ["x1"] });
			}),
			settings,
		);
	});
});
