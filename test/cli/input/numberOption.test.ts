import { expect, test } from "vitest";
import { numberOption } from "../../../src/cli/input/numberOption.js";

test("an option that is not given has no number, and a decimal its own", () => {
	expect(numberOption("--rate", undefined, "positive")).toBeUndefined();
	expect(numberOption("--rate", "20", "positive")).toBe(20);
	expect(numberOption("--rate", "-1.5e-3")).toBe(-0.0015);
});

// Number() makes 0 of the first two and 16 of the third.
test.each(["", " ", "0x10", "NaN", "Infinity", "1e999", "1_000", "1,5", "fast"])("%j is no number", (given) => {
	expect(() => numberOption("--rate", given)).toThrow(
		`command line, --rate: must be a finite number, received ${JSON.stringify(given)}`,
	);
});

test.each([
	["0", "positive", "must be a number above 0"],
	["-1", "not negative", "must be a number of 0 or more"],
	["2.5", "positive integer", "must be a whole number of 1 or more"],
] as const)("%s is not %s", (given, range, rule) => {
	expect(() => numberOption("--cap", given, range)).toThrow(`--cap: ${rule}, received "${given}"`);
});
