import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { type Notebook, readNotebook } from "../../src/jupyter/ipynb.js";
import { withParameters } from "../../src/jupyter/parameters.js";

const code = (id: string, source: string, tags: string[] = []) => ({
	cell_type: "code" as const,
	id,
	metadata: { tags },
	execution_count: null,
	outputs: [],
	source,
});
const words = (id: string, source: string, tags: string[] = []) => ({
	cell_type: "markdown" as const,
	id,
	metadata: { tags },
	source,
});
const kernelspec = { display_name: "TypeScript", language: "typescript", name: "tslab" };
const notebook: Notebook = {
	nbformat: 4,
	nbformat_minor: 5,
	metadata: { kernelspec },
	cells: [
		words("title", "# Loads"),
		code("p", "// Requests/s.\nconst rates: readonly number[] = [1, 2];\nconst name = 'shipped';", ["parameters"]),
		code("show", "console.log(name, rates.length, rates[0]);"),
		words("w", "## What was found\n\nTwo rates.", ["defaults"]),
		code("c", "console.log('of the shipped data');", ["defaults"]),
	],
};

describe("a notebook's parameters", () => {
	test("are declared again after their cell, with their types; what holds for the defaults is left out in words", () => {
		const { cells } = withParameters(notebook, { rates: [30], name: 'a "b"' }, "n.ipynb");
		expect(cells.map(({ source }) => source)).toEqual([
			"# Loads",
			notebook.cells[1]?.source,
			'const rates: readonly number[] = [30];\nconst name = "a \\"b\\"";',
			"console.log(name, rates.length, rates[0]);",
			"## What was found\n\nLeft out: it is about the data that the package ships.",
		]);
		// A copy that is run once more has one such cell.
		expect(withParameters({ ...notebook, cells }, { rates: [3] }, "n.ipynb").cells).toHaveLength(5);
	});

	test("that are not given leave it as it is; a name that it does not have is refused with those that it has", () => {
		expect(withParameters(notebook, {}, "n.ipynb")).toBe(notebook);
		expect(() => withParameters(notebook, { rate: 3 }, "n.ipynb")).toThrow(
			'n.ipynb: has the parameters rates, name, and no other, received "rate"',
		);
		const without = { ...notebook, cells: notebook.cells.slice(2) };
		expect(() => withParameters(without, { rate: 3 }, "n.ipynb")).toThrow("must have a cell tagged parameters");
	});

	test("of every shipped notebook that has some are declared in a form that is understood", () => {
		const values = {
			evaluate: { evidencePaths: [], settingsFile: "" },
			"search-space": { pipelineFile: "", rates: [1] },
		};
		for (const [name, given] of Object.entries(values))
			expect(() => withParameters(readNotebook(`notebooks/${name}.ipynb`), given, name)).not.toThrow();
	});
});

test("report runs a copy on the real kernel, from another folder: values by option, by file and by environment", {
	timeout: 200_000,
}, () => {
	const folder = mkdtempSync(join(tmpdir(), "own ü "));
	const file = join(folder, "loads.ipynb");
	writeFileSync(file, JSON.stringify(notebook));
	writeFileSync(join(folder, "own.yaml"), "rates: [7, 8, 9]\nname: from the file\n");
	const run = (args: string[], env = {}) =>
		spawnSync("node", [resolve("dist/cli/main.js"), "report", file, ...args], {
			cwd: folder,
			env: { ...process.env, ...env },
			encoding: "utf8",
		});
	const said = (name: string) => readFileSync(join(folder, name, "loads.html"), "utf8");
	const before = readFileSync(file, "utf8");
	expect(run(["-p", "rates=[30]", "-p", "name=mine", "--out", "a", "--quiet"])).toMatchObject({
		status: 0,
		stderr: "",
	});
	expect(said("a")).toContain("mine 1 30");
	expect(said("a")).not.toContain("of the shipped data");
	expect(run(["-p", "name=mine", "--out", "b"], { SUSTAINABLE_IPA_PARAMETERS: "own.yaml" }).status).toBe(0);
	expect(said("b")).toContain("mine 3 7");
	expect(readNotebook(join(folder, "b", "loads.ipynb")).cells).toHaveLength(5);
	expect(readFileSync(file, "utf8")).toBe(before);
	expect(run(["-p", "rates"])).toMatchObject({
		status: 1,
		stderr: expect.stringContaining("--parameter: must be NAME=VALUE"),
	});
	expect(run(["-p", "rates=many"])).toMatchObject({ status: 1, stderr: expect.stringContaining("not assignable") });
});
