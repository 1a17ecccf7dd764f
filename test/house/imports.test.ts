import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { importFaults, sourceFiles } from "./imports.js";

const source = resolve("src");

describe("imports", () => {
	test("run downward only, and pure folders stay pure", () => {
		const files = sourceFiles(source);
		expect(files.length).toBeGreaterThan(5);
		expect(files.flatMap((file) => importFaults(source, file))).toEqual([]);
	});

	// The checker itself: each of these breaks one rule.
	test.each([
		["search/x.ts", 'import { a } from "../evaluation/y.js";', "evaluation is not below search"],
		["statistics/x.ts", 'import type { A } from "../pipeline/y.js";', "pipeline is not below statistics"],
		["evaluation/x.ts", 'export { a } from "../datasets/y.js";', "datasets is not below evaluation"],
		["units.ts", 'import { a } from "./cli/main.js";', "cli is not below units"],
		["report/x.ts", 'const a = await import("../cli/main.js");', "cli is not below report"],
		["search/x.ts", 'import { readFileSync } from "node:fs";', "search is pure"],
		["evaluation/x.ts", 'import { execa } from "execa";', "evaluation is pure"],
		["carbon/x.ts", "export const now = () => Date.now();", "carbon is pure"],
		["statistics/x.ts", "export const x = Math.random();", "statistics is pure"],
		["pipeline/x.ts", "export const x = process.env.HOME;", "pipeline is pure"],
		["measurement/x.ts", 'import { DataFrame } from "danfojs-node";', "report/frames.ts alone does"],
		["cli/x.ts", 'import { a } from "../units";', "relative imports end in .js"],
		["misc/x.ts", "export const a = 1;", "the folder has no rank"],
	])("the checker finds the fault in %s: %s", (name, text, fault) => {
		expect(importFaults(source, resolve(source, name), text).join("\n")).toContain(fault);
	});

	test.each([
		["search/x.ts", 'import { a } from "../pipeline/y.js";\nimport { b } from "./z.js";'],
		["statistics/x.ts", "// never Math.random() here\nexport const a = 1;"],
		["cli/x.ts", 'import { readFileSync } from "node:fs";\nimport { a } from "../report/y.js";'],
	])("the checker lets %s be: %s", (name, text) => {
		expect(importFaults(source, resolve(source, name), text)).toEqual([]);
	});

	test("no file of src is over 350 lines", () => {
		const long = sourceFiles(source).filter((file) => readFileSync(file, "utf8").split("\n").length > 351);
		expect(long).toEqual([]);
	});
});
