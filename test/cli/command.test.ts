import { expect, test } from "vitest";
import { parseOption } from "../../src/cli/command.js";

const about = "";

test("a decimal is its own number, a list one after another, a choice one of its words", () => {
	expect(parseOption("--rate", "20", { about, range: "positive" })).toBe(20);
	expect(parseOption("--rate", "-1.5e-3", { about, range: "none" })).toBe(-0.0015);
	expect(parseOption("--tenants", "2,4", { about, range: "positive integer", list: true })).toEqual([2, 4]);
	expect(parseOption("--out", " a, b", { about })).toBe(" a, b");
	expect(() => parseOption("--for", "chioce", { about, choices: ["choice", "map"] })).toThrow(
		'command line, --for: must be one of choice, map, received "chioce"',
	);
});

// Number() makes 0 of the first two and 16 of the third.
test.each(["", " ", "0x10", "NaN", "Infinity", "1e999", "1_000", "1,5", "fast"])("%j is no number", (given) => {
	expect(() => parseOption("--rate", given, { about, range: "none" })).toThrow(
		`command line, --rate: must be a finite number, received ${JSON.stringify(given)}`,
	);
});

test.each([
	["0", "positive", "must be a number above 0"],
	["-1", "not negative", "must be a number of 0 or more"],
	["2.5", "positive integer", "must be a whole number of 1 or more"],
] as const)("%s is not %s", (given, range, rule) => {
	expect(() => parseOption("--cap", given, { about, range })).toThrow(`--cap: ${rule}, received "${given}"`);
});
