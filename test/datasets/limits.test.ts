import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { parseDecimal, readCsv } from "../../src/datasets/csv.js";
import { readLstm } from "../../src/datasets/dataFiles.js";
import { parseJson, parseYaml } from "../../src/datasets/parseText.js";
import { readCellsCsv } from "../../src/datasets/readEvidence.js";
import { readTrace } from "../../src/datasets/trace.js";
import { InputError } from "../../src/errors.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "limits-"));
});
const faults = "test/fixtures/faults";
function written(name: string, content: string | Buffer): string {
	writeFileSync(join(folder, name), content);
	return join(folder, name);
}

/** CPU seconds that something takes: what else runs on the machine counts little. */
async function cpu_s(run: () => unknown): Promise<number> {
	const begun = process.cpuUsage();
	await run();
	const { user, system } = process.cpuUsage(begun);
	return (user + system) / 1e6;
}

describe("numbers of endless digits take no time", () => {
	test("the cells with a number of 30,000 digits are refused in milliseconds", async () => {
		const taken = await cpu_s(() =>
			expect(readCellsCsv(join(faults, "cells-30000-digits.csv"))).rejects.toThrow(InputError),
		);
		expect(taken).toBeLessThan(1);
	});

	test.each([
		["digits and a letter", `${"1".repeat(900_000)}x`],
		["digits after the point", `1.${"0".repeat(900_000)}x`],
		["digits of an exponent", `1e${"9".repeat(900_000)}`],
		["signs", "+".repeat(900_000)],
	])("%s: a megabyte", async (_, text) => {
		expect(await cpu_s(() => expect(parseDecimal(text)).toBeUndefined())).toBeLessThan(0.5);
	});

	test("what is a number stays one", () => {
		const texts = ["1", "-1.5", "+.5", "2.", "1e3", "1.5E-3", "0".repeat(1000)];
		expect(texts.map(parseDecimal)).toEqual([1, -1.5, 0.5, 2, 1000, 0.0015, 0]);
		for (const text of ["", ".", "e3", "1.2.3", "1e", "--1", "0x10", "NaN", "1_000"])
			expect(parseDecimal(text)).toBeUndefined();
	});
});

describe("YAML", () => {
	test("a file of 60,000 quotation marks is refused in a second", async () => {
		const { readYaml } = await import("../../src/datasets/file.js");
		const taken = await cpu_s(() => expect(readYaml(join(faults, "yaml-60000-quotes.yaml"))).rejects.toThrow("YAML"));
		expect(taken).toBeLessThan(1.5);
	});

	test.each([
		'"',
		"'",
		"[",
		"{",
		"- ",
		"? ",
		": ",
		"&a ",
		"*a ",
		"]",
		"[]",
		"|\n",
		"a\n",
		"---\n",
		"a:\n ",
		"x, ",
		"!a ",
	])("120,000 characters of %j: an answer, or InputError, in a second", async (piece) => {
		const taken = await cpu_s(() => {
			try {
				parseYaml("f.yaml", `a: ${piece.repeat(120_000 / piece.length)}`);
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		});
		expect(taken).toBeLessThan(1.5);
	});

	test("aliases that unfold to 10^9 words, and a megabyte, are refused", () => {
		const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}*l${i}]`);
		expect(() => parseYaml("bomb.yaml", `l0: &l0 [lol]\n${levels.join("\n")}\n`)).toThrow("bomb.yaml: must be YAML");
		expect(() => parseYaml("long.yaml", `a: ${"x".repeat(1e6)}`)).toThrow("must have at most");
		expect(() => parseYaml("two.yaml", "a: 1\n---\nb: 2\n")).toThrow("must hold one document");
	});

	test("what is YAML stays so: a byte order mark, CRLF, an anchor, 1.1 where asked, a key twice where allowed", () => {
		expect(parseYaml("f", "\uFEFFa: &x [1, 2]\r\nb: *x\r\n")).toEqual({ a: [1, 2], b: [1, 2] });
		expect(parseYaml("f", "a: no", { version: "1.1" })).toEqual({ a: false });
		expect(parseYaml("f", "a: 1\na: 2", { uniqueKeys: false })).toEqual({ a: 2 });
		expect(parseYaml("f", "# nothing\n")).toBeNull();
		expect(() => parseYaml("f", "x:\n  a: 1\n  a: 2\n")).toThrow("f:3:3: must be YAML");
	});
});

describe("JSON", () => {
	test("a byte order mark is none of it; NaN is named with its place, or a missing value", () => {
		expect(parseJson("f", '\uFEFF{"a": 1}')).toEqual({ a: 1 });
		expect(() => parseJson("f", '{"a":\n [1, NaN]}')).toThrow("f:2:6: must be JSON: NaN is no number of JSON's");
		expect(() => parseJson("f", '{"a": -Infinity}')).toThrow("-Infinity is no number");
		expect(parseJson("f", '{"NaN": [NaN, "a \\" NaN", -Infinity]}', { notFinite: "null" })).toEqual({
			NaN: [null, 'a " NaN', null],
		});
	});

	test("what is torn, or nests too deep, is refused with its line", () => {
		expect(() => parseJson("f", '{"a": 1,\n"b": ')).toThrow("f:2:6: must be JSON");
		expect(() => parseJson("f", "[".repeat(1e6))).toThrow("nests at most 64 deep");
		expect(() => parseJson("f", '{"a":'.repeat(1e5))).toThrow("nests at most 64 deep");
		expect(() => parseJson("journal", '{"a": }', { line: 7 })).toThrow("journal:7:7: must be JSON");
	});

	test("weights that ask for more load than the loop keeps, or that no training gives", async () => {
		await expect(readLstm(join(faults, "lstm-inputs-200.json"))).rejects.toThrow("weights.inputs: must be at most 12");
		const text = await import("node:fs").then(({ readFileSync }) => readFileSync("data/models/lstm.json", "utf8"));
		const model = JSON.parse(text) as { weights: { inputs: number; denseBias: number; kernel: number[][] } };
		const saved = (weights: object) =>
			written("lstm.json", `\uFEFF${JSON.stringify({ ...model, weights: { ...model.weights, ...weights } })}`);
		await expect(readLstm(saved({ inputs: 13 }))).rejects.toThrow("weights.inputs: must be at most 12");
		await expect(readLstm(saved({ denseBias: 1e300 }))).rejects.toThrow("weights.denseBias");
		await expect(readLstm(saved({}))).resolves.toMatchObject({ model: "lstm" });
	});
});

describe("tables and traces", () => {
	test("rows of commas alone, as Excel leaves them, are left out, wherever they stand", async () => {
		expect((await readCellsCsv(join(faults, "cells-empty-rows.csv"))).cells).toHaveLength(3);
		const between = written("between.csv", "a,b\r\n,\r\n1,2\r\n, \r\n\r\n3,4\r\n,,,\r\n");
		expect((await readCsv(between)).rows.map(({ line, values }) => [line, values.a])).toEqual([
			[3, "1"],
			[6, "3"],
		]);
		await expect(readCsv(written("none.csv", "a,b\n,\n,\n"))).rejects.toThrow("at least one row");
		await expect(readCsv(written("half.csv", "a,b\n1\n"))).rejects.toThrow("must have 2 fields");
	});

	test("compressed files that unfold without end, and tables of millions of rows or columns, are refused", async () => {
		const bomb = written("bomb.csv.gz", gzipSync(Buffer.alloc(80e6, "1\n"), { level: 9 }));
		await expect(readCsv(bomb)).rejects.toThrow("must unfold to at most");
		await expect(readTrace(bomb)).rejects.toThrow("must unfold to at most");
		const rows = written("rows.csv.gz", gzipSync(`a\n${"1\n".repeat(1_000_001)}`));
		await expect(readCsv(rows)).rejects.toThrow("must have at most 1000000 rows");
		await expect(readCsv(written("columns.csv", `${"a,".repeat(100_000)}a\n1\n`))).rejects.toThrow(
			"at most 1000 columns",
		);
	});

	test("a trace of 20 million seconds is read in the memory of its numbers; CRLF and no last line end are fine", async () => {
		const trace = await readTrace(written("long.txt.gz", gzipSync("7\n".repeat(2e7))));
		expect([trace.length, trace[0], trace.at(-1)]).toEqual([2e7, 7, 7]);
		expect([...(await readTrace(written("crlf.txt", "1\r\n22\r\n333")))]).toEqual([1, 22, 333]);
		for (const [text, line] of [
			["1\n\n2", 2],
			["1\n-1\n", 2],
			["1234567890\n", 1],
			["1\n2\r\r\n", 2],
		] as const)
			await expect(readTrace(written("bad.txt", text))).rejects.toThrow(`bad.txt:${line}: must be a whole number`);
	});
});
