import { describe, expect, test } from "vitest";
import type { KnowingValue } from "../../src/evaluation/value.js";
import { valueFigure, valueMarkdown } from "../../src/report/valueFigure.js";
import { wasted, wastedOnTrace } from "../../src/studies/worth.js";

const estimate = (value: number) => ({ value, low: value / 2, high: value * 2 });
const value: KnowingValue = {
	device: "gpu",
	dataset: "llm",
	free: [],
	tolerance: 0.01,
	accounting: "dedicated",
	idle_share: 1,
	choice_sets: 3,
	networks: 7,
	request_units: ["token"],
	scenarios: 42,
	with_choice: 20,
	policies: [
		{
			policy: "ipa",
			scenarios: 42,
			extra: [
				{ quantile: 0.5, share: { value: 0 } },
				{ quantile: 0.9, share: estimate(2.04), amount: { value: 0.0001 } },
			],
		},
		{ policy: "predicted", scenarios: 0, extra: [] },
	],
	fixed_elsewhere: {},
};
const view = { tolerance: 0.01, accounting: "dedicated" } as const;

describe("the value in words", () => {
	test("a row has the highest quantile with its interval, and says nothing where a policy does not", () => {
		expect(wasted([value, { ...value, tolerance: 0 }, { ...value, accounting: "shared" }], view)).toEqual([
			{
				...{ device: "gpu", data_set: "llm", idle_share: 1, scenarios: 42, with_choice: 20, networks: 7 },
				wasted_share: { ipa: estimate(2.04) },
				wasted_j_per_request: { value: 0.0001 },
				request_units: ["token"],
			},
		]);
	});

	test("the figure has the classes, not their data sets", () => {
		expect(valueFigure([value], view).status).toBe("unavailable");
		const { dataset: _, ...pooled } = value;
		const figure = valueFigure([pooled], view);
		const [trace] = figure.status === "available" ? figure.value.data : [];
		expect(trace).toMatchObject({ name: "IPA's own choice", x: [204], error_x: { array: [204], arrayminus: [102] } });
	});

	test("the sentence names the worst data set, not the pooled class", () => {
		const { dataset: _, ...pooled } = value;
		expect(valueMarkdown([pooled, value], view)).toContain("IPA's own choice: 204 % to 204 % (llm, GPU)");
	});

	test("where no scenario had a choice it is told in words, and nowhere is there 0 %", () => {
		const { dataset: _, ...single } = {
			...value,
			with_choice: 0,
			policies: [
				{ policy: "ipa" as const, scenarios: 42, extra: [{ quantile: 0.9, share: estimate(0), amount: { value: 0 } }] },
			],
		};
		const figure = valueFigure([single], view);
		const said = [
			JSON.stringify(wasted([single], view)),
			JSON.stringify(wastedOnTrace([{ ...single, window: "bursty" }], "dedicated")),
			valueMarkdown([single], view),
			figure.status === "unavailable" ? figure.reason : "",
		];
		for (const text of said) expect(text).not.toMatch(/\b0 %|: ?0\b(?!,"networks)|"0"/);
		expect(wasted([single], view)).toMatchObject([
			{ wasted_share: {}, because: expect.stringMatching(/^nothing to choose: /) },
		]);
		expect(said[1]).toContain('"wasted_kwh_per_day":{},"because":"nothing to choose: ');
		for (const text of said.slice(2)) expect(text).toMatch(/in none of the 42 scenarios .* nothing to choose among/);
	});

	test("a class of one data set is told by itself; one without a choice is left out of the range", () => {
		const { dataset: _, ...single } = value;
		expect(valueMarkdown([single], view)).toContain("IPA's own choice: 204 % to 204 % (GPU)");
		expect(
			valueMarkdown([{ ...value, dataset: "still", with_choice: 0, policies: [] }, single, value], view),
		).toContain("204 % to 204 % (llm, GPU)");
	});

	test("the trace has the pooled class, a row a window", () => {
		const { dataset: _, ...pooled } = value;
		const rows = wastedOnTrace(
			[
				{ ...pooled, window: "steady_low", with_choice: 3 },
				{ ...value, window: "bursty", with_choice: 3 },
			],
			"dedicated",
		);
		expect(rows.map(({ window }) => window)).toEqual(["steady_low"]);
	});
});
