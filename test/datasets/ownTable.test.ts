import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseMapping } from "../../src/datasets/mapping.js";
import { readCellsCsv } from "../../src/datasets/readEvidence.js";
import { InputError } from "../../src/errors.js";

const folder = mkdtempSync(join(tmpdir(), "own-table-"));
const written = (text: string, name = "own.csv") => {
	const file = join(folder, name);
	writeFileSync(file, text);
	return file;
};
const faultsOf = async (reading: Promise<unknown>) => {
	const error = await reading.catch((thrown: unknown) => thrown);
	if (!(error instanceof InputError)) throw new Error(`no InputError but ${String(error)}`);
	return error;
};

const header = "hardware,device,variant,allocation,batch,kind,latency_s,energy_j_per_request";
const one = "a,cpu,x,1,1,measured,0.1,2";
const two = "a,cpu,x,1,2,measured,0.15,1.5";
const plain = readCellsCsv(written(`${header}\n${one}\n${two}\n`, "plain.csv"));

describe("what spreadsheets add", () => {
	test.each([
		["a first line sep=,", `sep=,\n${header}\n${one}\n${two}\n`],
		["a byte order mark before it, quoted", `\uFEFF"sep=,"\r\n${header}\r\n${one}\r\n${two}\r\n`],
		["empty columns at the end", `${header},,\n${one},,\n${two},,\n,,,,,,,,,\n`],
		["empty fields at the end of a row alone", `${header}\n${one},,,\n${two}\n`],
	])("%s is left out", async (_, text) => {
		const { cells } = await readCellsCsv(written(text));
		expect(cells.map(({ line: _line, dataset: _dataset, ...cell }) => cell)).toEqual(
			(await plain).cells.map(({ line: _line, dataset: _dataset, ...cell }) => cell),
		);
	});

	test("sep=; and decimal commas are refused by their names", async () => {
		expect((await faultsOf(readCellsCsv(written(`sep=;\n${header.replaceAll(",", ";")}\n`)))).message).toContain(
			"must be separated by commas, not semicolons",
		);
		expect((await faultsOf(readCellsCsv(written(`${header}\n${one.replace("0.1", '"0,1"')}\n`)))).message).toContain(
			'latency_s: must have a decimal point, not a comma, received "0,1"',
		);
	});

	test("what stands in a column without a name is not left out", async () => {
		const { fault } = await faultsOf(readCellsCsv(written(`${header},\n${one},9\n`)));
		expect(fault).toMatchObject({ line: 1, rule: "column 9 must have a name" });
	});
});

describe("all faults at once", () => {
	test("each kind is told once, with its lines", async () => {
		const bad = Array.from({ length: 9 }, (_, i) => `a,cpu,x,1,${i + 1},measured,fast,2`);
		const { message, faults } = await faultsOf(
			readCellsCsv(written([header, ...bad, "a,tpu,x,1,1.5,measured,0.1,-2", ""].join("\n"))),
		);
		expect(faults).toHaveLength(12);
		expect(message.split("\n")).toEqual([
			expect.stringMatching(
				/own.csv:2, latency_s: must be a number above 0, received "fast" \(and on 8 more lines: 3, 4, 5, 6, 7, \.\.\.\)$/,
			),
			expect.stringContaining('own.csv:11, device: must be one of cpu, gpu, board, received "tpu"'),
			expect.stringContaining('own.csv:11, batch: must be a whole number of 1 or more, received "1.5"'),
			expect.stringContaining('own.csv:11, energy_j_per_request: must be a number above 0, received "-2"'),
		]);
	});

	test("of more than twenty kinds the rest is counted", async () => {
		const columns = Array.from({ length: 30 }, (_, i) => `odd_${i}`);
		const { message } = await faultsOf(
			readCellsCsv(written(`${header},${columns.join(",")}\n`.concat(`${one}${",1".repeat(30)}\n`))),
		);
		expect(message.split("\n")).toHaveLength(21);
		expect(message).toContain("and 10 more faults");
	});
});

describe("a column mapping", () => {
	const table = "Model,Cores,Batch size,Time,Energy,Precision\nx,1,1,100,2000,fp16\nx,1,2,150,1500,fp16\n";
	const parts = "kind==measured,device==cpu,hardware==my lab,variant=Model,allocation=Cores,batch=Batch size";

	test("in a line: short names, units stated and converted, constants, knobs", async () => {
		const { cells, provenance } = await readCellsCsv(
			written(table),
			await parseMapping(`${parts},latency=Time:ms,energy=Energy:mJ,knob_precision=Precision`),
		);
		expect(cells[0]?.knobs).toEqual({ precision: "fp16" });
		expect(cells.map(({ latency_s }) => latency_s)).toEqual([0.1, 0.15]);
		expect(cells[1]?.energy).toMatchObject({ energy_j_per_request: 1.5, energy_j_per_batch: 3, kind: "measured" });
		expect(cells[0]).toMatchObject({ hardware: "my lab", population: "my lab", device: "cpu", variant: "x" });
		expect(provenance.caveats).toContain("latency_s is column Time, ms, x 0.001");
	});

	test("in a file, in the form that a provenance.yaml has", async () => {
		const file = written(
			[
				"kind: measured",
				"tables:",
				"  - population: [my lab]",
				"    hardware: my lab",
				"    device: cpu",
				"    variant: { column: Model }",
				"    request_unit: image",
				"    allocation: { column: Cores }",
				"    batch: { column: Batch size }",
				"    latency_s: { column: Time, scale: 0.001 }",
				"    energy_j_per_request: { column: Energy, scale: 0.001 }",
				"    knobs: { precision: { column: Precision, text: true } }",
			].join("\n"),
			"map.yaml",
		);
		const { cells } = await readCellsCsv(written(table), await parseMapping(file));
		expect(cells[0]).toMatchObject({ latency_s: 0.1, knobs: { precision: "fp16" }, request_unit: "image" });
	});

	test("an unknown unit, a part that is none, and all that is missing, are said", async () => {
		expect((await faultsOf(parseMapping(`${parts},latency=Time:parsec,oops`))).message.split("\n")).toEqual([
			expect.stringContaining("--map, latency_s: unit must be one of s, ms"),
			expect.stringContaining(
				'must be name=Column, name=Column:unit or name==text, with commas between, received "oops"',
			),
		]);
		const { message } = await faultsOf(parseMapping("variant=Model,batch=Batch size"));
		expect(message).toContain("kind is missing: of latency and throughput");
		expect(message).toContain("hardware is missing");
		expect(message).toContain("device is missing: cpu, gpu or board");
	});

	test("a value that is out of range is told by its column and line", async () => {
		const map = await parseMapping(`${parts},energy=Energy:mJ`);
		const { faults } = await faultsOf(readCellsCsv(written(table.replaceAll(/2000|1500/g, "-1")), map));
		expect(faults.map(({ line, field }) => [line, field])).toEqual([
			[2, "Energy"],
			[3, "Energy"],
		]);
	});
});
