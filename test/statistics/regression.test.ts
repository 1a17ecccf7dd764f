import { describe, expect, test } from "vitest";
import { type DesignColumn, type OlsFit, ols } from "../../src/statistics/ols.js";
import { expectAllClose, expectClose, type FitValues, fixture, ok, type RegressionFixture, reason } from "./support.js";

const { source, longley, sweep } = fixture<RegressionFixture>("regression.json");
const columnsOf = (columns: Readonly<Record<string, ArrayLike<number>>>): DesignColumn[] =>
	Object.entries(columns).map(([name, values]) => ({ name, values }));
const design = columnsOf(sweep.columns);
const { cores, accuracy, latency } = sweep.columns;

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
