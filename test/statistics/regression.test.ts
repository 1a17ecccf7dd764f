import { describe, expect, test } from "vitest";
import { crossValidatedR2 } from "../../src/statistics/crossValidatedR2.js";
import { nestedF } from "../../src/statistics/nestedF.js";
import { type DesignColumn, type OlsFit, ols } from "../../src/statistics/ols.js";
import { shapleyR2 } from "../../src/statistics/shapleyR2.js";
import { expectAllClose, expectClose, type FitValues, fixture, ok, type RegressionFixture, reason } from "./support.js";

const { source, longley, sweep } = fixture<RegressionFixture>("regression.json");
const columnsOf = (columns: Readonly<Record<string, ArrayLike<number>>>): DesignColumn[] =>
	Object.entries(columns).map(([name, values]) => ({ name, values }));
const design = columnsOf(sweep.columns);
const { cores, batch, accuracy, latency } = sweep.columns;

function expectFit(fit: OlsFit, expected: FitValues, relative: number): void {
	const column = (key: "estimate" | "standard_error" | "t" | "p" | "low" | "high") =>
		fit.coefficients.map((coefficient) => coefficient[key]);
	for (const key of ["estimate", "standard_error", "t", "p", "low", "high"] as const)
		expectAllClose(column(key), expected[key], relative);
	for (const key of ["r2", "adjusted_r2", "residual_sd", "rss", "condition_number"] as const)
		expectClose(fit[key], expected[key], relative);
	expectAllClose(
		fit.coefficients.slice(1).map(({ vif }) => vif as number),
		expected.vif,
		relative,
	);
	expectAllClose(fit.residuals, expected.residuals, relative, fit.residual_sd);
}

describe(`ols agrees with ${source}`, () => {
	test("a sweep of cores, batch, accuracy and latency", () => {
		expectFit(ok(ols(design, sweep.energy)), sweep.full, 1e-9);
		expectFit(ok(ols(columnsOf({ cores, accuracy }), sweep.energy)), sweep.smaller, 1e-9);
	});

	test("through the origin", () => {
		const fit = ok(ols(columnsOf({ cores, latency }), sweep.energy, { intercept: false }));
		expectAllClose(
			fit.coefficients.map(({ estimate }) => estimate),
			sweep.through_origin.estimate,
		);
		expectAllClose(
			fit.coefficients.map(({ standard_error }) => standard_error),
			sweep.through_origin.standard_error,
		);
		expectClose(fit.r2, sweep.through_origin.r2);
		expectClose(fit.adjusted_r2, sweep.through_origin.adjusted_r2);
	});

	test("Longley's ill-conditioned data", () => {
		expectFit(ok(ols(columnsOf(longley.columns), longley.y)), longley.fit, 1e-9);
	});
});

describe("ols agrees with the certified values of the NIST Statistical Reference Datasets", () => {
	test("Longley (higher difficulty; NIST counts people, R thousands or tenths of per cent)", () => {
		const scale = [1, 1000, 10, 10, 1000, 1];
		const columns = columnsOf(longley.columns).map(({ name, values }, j) => ({
			name,
			values: Array.from(values, (value) => Math.round(value * (scale[j] as number) * 10) / 10),
		}));
		const y = longley.y.map((value) => Math.round(value * 1000));
		const fit = ok(ols(columns, y));
		expectAllClose(
			fit.coefficients.map(({ estimate }) => estimate),
			[
				-3482258.63459582, 15.0618722713733, -0.035819179292591, -2.02022980381683, -1.03322686717359,
				-0.0511041056535807, 1829.15146461355,
			],
		);
		expectAllClose(
			fit.coefficients.map(({ standard_error }) => standard_error),
			[
				890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699, 0.214274163161675, 0.22607320006937,
				455.478499142212,
			],
		);
		expectClose(fit.residual_sd, 304.854073561965);
		expectClose(fit.r2, 0.995479004577296);
		expectClose(fit.rss, 836424.055505915);
	});

	test("Norris (lower difficulty)", () => {
		const pairs = `0.1 0.2 338.8 337.4 118.1 118.2 888.0 884.6 9.2 10.1 228.1 226.5 668.5 666.3 998.5 996.3 449.1 448.6
			778.9 777.0 559.2 558.2 0.3 0.4 0.1 0.6 778.1 775.5 668.8 666.9 339.3 338.0 448.9 447.5 10.8 11.6 557.7 556.0
			228.3 228.1 998.0 995.8 888.8 887.6 119.6 120.2 0.3 0.3 0.6 0.3 557.6 556.8 339.3 339.1 888.0 887.2 998.5 999.0
			778.9 779.0 10.2 11.1 117.6 118.3 228.9 229.2 668.4 669.1 449.2 448.9 0.2 0.5`
			.split(/\s+/)
			.map(Number);
		const y = pairs.filter((_, i) => i % 2 === 0);
		const x = pairs.filter((_, i) => i % 2 === 1);
		const { coefficients, ...fit } = ok(ols([{ name: "x", values: x }], y));
		expectClose(coefficients[0]?.estimate as number, -0.262323073774029);
		expectClose(coefficients[1]?.estimate as number, 1.00211681802045);
		expectClose(coefficients[0]?.standard_error as number, 0.232818234301152);
		expectClose(coefficients[1]?.standard_error as number, 0.000429796848199937);
		expectClose(fit.r2, 0.999993745883712);
		expectClose(fit.residual_sd, 0.884796396144373);
	});

	test.each([
		["Wampler1", 1],
		["Wampler2", 0.1],
	])("%s: a polynomial of degree 5 that fits exactly", (_, base) => {
		const x = Array.from({ length: 21 }, (_, i) => i);
		const columns = [1, 2, 3, 4, 5].map((power) => ({ name: `x^${power}`, values: x.map((value) => value ** power) }));
		const y = x.map((value) => [0, 1, 2, 3, 4, 5].reduce((sum, power) => sum + base ** power * value ** power, 0));
		const fit = ok(ols(columns, y));
		// Seven digits is what a double-precision QR can give at a condition number of a few thousand in these units.
		fit.coefficients.forEach(({ estimate }, power) => {
			expectClose(estimate, base ** power, 1e-7);
		});
		expectClose(fit.r2, 1, 1e-12);
	});
});

describe("ols outcomes without a fit", () => {
	const x = [1, 2, 3, 4, 5, 6];
	const y = [2, 1, 4, 3, 6, 8];
	test("each is tagged", () => {
		expect(reason(ols([{ name: "x", values: x }], [1, 2]))).toBe("length-mismatch");
		expect(reason(ols([{ name: "x", values: [1, 2] }], [1, 2]))).toBe("too-few");
		expect(reason(ols([{ name: "x", values: x }], [4, 4, 4, 4, 4, 4]))).toBe("constant");
		expect(reason(ols([{ name: "x", values: [1, 2, 3, Number.NaN, 5, 6] }], y))).toBe("non-finite");
		expect(reason(ols([{ name: "x", values: x }], y, { level: 1 }))).toBe("out-of-range");
		const huge = y.map((value) => value * 1e200);
		expect(reason(ols([{ name: "x", values: x }], huge))).toBe("out-of-range");
		expect(reason(ols([{ name: "x", values: huge }], y))).toBe("out-of-range");
	});

	test("rank deficiency names every dependent column, in order", () => {
		const z = [3, 1, 4, 1, 5, 9];
		const outcome = ols(
			[
				{ name: "x", values: x },
				{ name: "constant", values: [5, 5, 5, 5, 5, 5] },
				{ name: "z", values: z },
				{ name: "sum", values: x.map((value, i) => 0.1 * value + 0.7 * (z[i] as number)) },
			],
			y,
		);
		expect(outcome).toMatchObject({ reason: "rank-deficient", dependent: ["constant", "sum"] });
		expect(ols([{ name: "zero", values: [0, 0, 0, 0, 0, 0] }], y)).toMatchObject({ dependent: ["zero"] });
	});

	test("an exact fit has infinite t, p 0 and no NaN", () => {
		const fit = ok(ols([{ name: "x", values: [0, 1, 2, 4] }], [0, 2, 4, 8], { intercept: false }));
		for (const { t, p, standard_error } of fit.coefficients) {
			expect(t).toBeGreaterThan(1e12);
			expect(p).toBeLessThan(1e-20);
			expect(standard_error).toBeLessThan(1e-12);
		}
	});
});

describe("nestedF", () => {
	const larger = ok(ols(design, sweep.energy));
	const smaller = ok(ols(columnsOf({ cores, accuracy }), sweep.energy));

	test("agrees with R's anova", () => {
		const { f, df1, df2, p } = ok(nestedF(smaller, larger));
		expectClose(f, sweep.nested_f.f);
		expectClose(p, sweep.nested_f.p);
		expect([df1, df2]).toEqual([sweep.nested_f.df1, sweep.nested_f.df2]);
	});

	test("one added column: F is its t squared, with the same p", () => {
		const without = ok(ols(columnsOf({ cores, batch, accuracy }), sweep.energy));
		const { f, p } = ok(nestedF(without, larger));
		const added = larger.coefficients.at(-1);
		expectClose(f, (added?.t as number) ** 2);
		expectClose(p, added?.p as number);
	});

	test("models that do not nest are tagged", () => {
		expect(reason(nestedF(larger, smaller))).toBe("not-nested");
		expect(reason(nestedF(smaller, smaller))).toBe("not-nested");
		const another = ok(ols(columnsOf({ cores, batch }), sweep.energy));
		const third = ok(ols(columnsOf({ batch, accuracy, latency }), sweep.energy));
		expect(reason(nestedF(another, third))).toBe("not-nested");
		const otherY = ok(
			ols(
				design,
				sweep.energy.map((value) => value + 1),
			),
		);
		expect(reason(nestedF(smaller, otherY))).toBe("not-nested");
		const fewer = ok(ols(columnsOf({ cores: cores.slice(1) }), sweep.energy.slice(1)));
		expect(reason(nestedF(fewer, larger))).toBe("length-mismatch");
		const exact = sweep.energy.map((_, i) => 3 * (cores[i] as number) + 2 * (batch[i] as number));
		const exactFit = ok(ols(columnsOf({ cores, batch }), exact));
		expect(reason(nestedF(ok(ols(columnsOf({ cores }), exact)), exactFit))).toBe("constant");
	});
});

describe("crossValidatedR2", () => {
	test("agrees with lm and predict in R, leaving out one variant at a time", () => {
		const { press, baseline, r2, folds } = ok(crossValidatedR2(design, sweep.energy, sweep.variant));
		expectClose(press, sweep.cross_validated.press);
		expectClose(baseline, sweep.cross_validated.baseline);
		expectClose(r2, sweep.cross_validated.r2);
		expect(folds).toBe(6);
	});

	test("leave-one-out by hand: the PRESS of one fit, residual / (1 - leverage)", () => {
		const x = [1, 2, 3, 5, 8];
		const y = [2, 3, 5, 4, 9];
		const fit = ok(ols([{ name: "x", values: x }], y));
		const mean = 19 / 5;
		const sxx = x.reduce((sum, value) => sum + (value - mean) ** 2, 0);
		const press = x.reduce((sum, value, i) => {
			const leverage = 1 / 5 + (value - mean) ** 2 / sxx;
			return sum + ((fit.residuals[i] as number) / (1 - leverage)) ** 2;
		}, 0);
		expectClose(ok(crossValidatedR2([{ name: "x", values: x }], y, [1, 2, 3, 4, 5])).press, press);
	});

	test("the design without columns scores exactly the baseline", () => {
		expectClose(ok(crossValidatedR2([], sweep.energy, sweep.variant)).r2, 0, 1, 1e-12);
	});

	test("a group that the others mispredict scores below 0", () => {
		const y = [1, 2, 3, 4, 4, 3, 2, 1];
		const x = [1, 2, 3, 4, 1, 2, 3, 4];
		const outcome = ok(crossValidatedR2([{ name: "x", values: x }], y, ["a", "a", "a", "a", "b", "b", "b", "b"]));
		expect(outcome.r2).toBeLessThan(-1);
	});

	test("a fold that cannot be fitted is named, not dropped", () => {
		const dummy = sweep.variant.map((variant) => (variant === 3 ? 1 : 0));
		const outcome = crossValidatedR2([...design, { name: "variant 3", values: dummy }], sweep.energy, sweep.variant);
		expect(outcome).toMatchObject({ reason: "rank-deficient", dependent: ["variant 3"] });
		expect(outcome.status === "undefined" && outcome.detail).toContain("without group 3");
	});

	test("the other outcomes are tagged", () => {
		const x = { name: "x", values: [1, 2, 3, 4] };
		expect(reason(crossValidatedR2([x], [1, 3, 2, 4], [1, 1, 1, 1]))).toBe("too-few-clusters");
		expect(reason(crossValidatedR2([x], [1, 3, 2, 4], [1, 1, 1]))).toBe("length-mismatch");
		expect(reason(crossValidatedR2([x], [1, 1, 1, 1], [1, 1, 2, 2]))).toBe("constant");
		expect(reason(crossValidatedR2([x], [1, 1, Number.NaN, 1], [1, 1, 2, 2]))).toBe("non-finite");
		expect(reason(crossValidatedR2([x], [1, 3, 2, 4], [1, 1, 1, 2]))).toBe("too-few");
	});
});

describe("shapleyR2", () => {
	test("agrees with the mean gain over every order of entry in R", () => {
		const single = design.map((column) => ({ name: column.name, columns: [column] }));
		const split = ok(shapleyR2(single, sweep.energy));
		expectAllClose(
			split.groups.map(({ r2 }) => r2),
			sweep.shapley,
		);
		const grouped = [
			{ name: "knobs", columns: columnsOf({ cores, batch }) },
			{ name: "accuracy", columns: columnsOf({ accuracy }) },
			{ name: "latency", columns: columnsOf({ latency }) },
		];
		expectAllClose(
			ok(shapleyR2(grouped, sweep.energy)).groups.map(({ r2 }) => r2),
			sweep.shapley_grouped,
		);
	});

	test("sums to R2, and shares to 1", () => {
		const split = ok(
			shapleyR2(
				design.map((column) => ({ name: column.name, columns: [column] })),
				sweep.energy,
			),
		);
		expectClose(split.r2, sweep.full.r2);
		expectClose(
			split.groups.reduce((sum, { r2 }) => sum + r2, 0),
			sweep.full.r2,
		);
		expectClose(
			split.groups.reduce((sum, { share }) => sum + share, 0),
			1,
		);
	});

	test("orthogonal columns by hand: each its own squared correlation", () => {
		const a = [-1, -1, 1, 1, -1, -1, 1, 1];
		const b = [-1, 1, -1, 1, -1, 1, -1, 1];
		const noise = [1, -1, -1, 1, -1, 1, 1, -1];
		const y = a.map((value, i) => 2 * value + (b[i] as number) + (noise[i] as number));
		// Variance 4 + 1 + 1 of orthogonal parts.
		const split = ok(
			shapleyR2(
				[
					{ name: "a", columns: columnsOf({ a }) },
					{ name: "b", columns: columnsOf({ b }) },
				],
				y,
			),
		);
		expectAllClose(
			split.groups.map(({ r2 }) => r2),
			[4 / 6, 1 / 6],
		);
	});

	test("outcomes without a split are tagged", () => {
		const group = (name: string, values: number[]) => ({ name, columns: [{ name, values }] });
		expect(reason(shapleyR2([], [1, 2, 3, 4]))).toBe("out-of-range");
		expect(reason(shapleyR2([group("a", [1, 2, 3, 4])], [1, 1, 1, 1]))).toBe("constant");
		expect(reason(shapleyR2([group("a", [1, 2, 3, 4])], [1, 2]))).toBe("length-mismatch");
		expect(reason(shapleyR2([group("a", [1, 2])], [1, 2]))).toBe("too-few");
		expect(reason(shapleyR2([group("a", [1, Number.NaN, 3, 5])], [1, 2, 4, 3]))).toBe("non-finite");
		expect(shapleyR2([group("a", [1, 2, 3, 4]), group("b", [2, 4, 6, 8])], [1, 2, 4, 3])).toMatchObject({
			reason: "rank-deficient",
			dependent: ["b"],
		});
	});
});
