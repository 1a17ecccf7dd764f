import { createHash } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readCellsCsv, readEvidence } from "../../src/datasets/readEvidence.js";
import { InputError, type InputFault } from "../../src/errors.js";

const header =
	"hardware,device,variant,allocation,batch,kind,latency_s,throughput_rps,accuracy_pct,energy_j_per_request";
const row = "server,cpu,small,2,1,measured,0.05,20,70,1.5";
const second = "server,cpu,small,2,4,measured,0.1,40,70,1.1";
const table = (...rows: string[]) => `${[header, ...rows].join("\n")}\n`;
/** The table with one row whose column holds another text. */
const withField = (column: string, text: string) => {
	const at = header.split(",").indexOf(column);
	return table(
		row
			.split(",")
			.map((field, i) => (i === at ? text : field))
			.join(","),
	);
};
/** The table with further columns. */
const withColumns = (names: string, ...values: string[]) =>
	`${[`${header},${names}`, ...values.map((given) => `${row},${given}`)].join("\n")}\n`;

type Fault = Omit<InputFault, "file">;

const positive = "must be a number above 0";
const wholePositive = "must be a whole number of 1 or more";
const unknownColumn =
	"must be a column of the cell table (units are part of the name: energy_j_per_request, latency_s; other knobs are knob_<name>, what a request asks for is workload_<name>; --map says which column is which)";

const numberFaults = (
	[
		["text in a number", "latency_s", "fast", positive],
		["a negative energy", "energy_j_per_request", "-1.5", positive],
		["a zero energy", "energy_j_per_request", "0", positive],
		["an energy that underflows to zero", "energy_j_per_request", "1e-400", positive],
		["NaN", "energy_j_per_request", "NaN", positive],
		["Infinity", "latency_s", "Infinity", positive],
		["a number too large to hold", "throughput_rps", "1e400", positive],
		["hexadecimal", "energy_j_per_request", "0x10", positive],
		["a decimal comma in quotes", "energy_j_per_request", '"1,5"', "must have a decimal point, not a comma"],
		["thousands separators in quotes", "throughput_rps", '"1,234.5"', positive],
		["thousands separators by space", "throughput_rps", "1 234", positive],
		["underscores in a number", "throughput_rps", "1_234", positive],
		["a unit in a number", "energy_j_per_request", "1.5J", positive],
		["a missing mark", "latency_s", "n/a", positive],
		["a fractional batch", "batch", "1.5", wholePositive],
		["a zero batch", "batch", "0", wholePositive],
		["a zero allocation", "allocation", "0", positive],
		["an accuracy over 100", "accuracy_pct", "120", "must be a number from 0 to 100"],
		["an unknown kind", "kind", "guessed", "must be one of measured, digitised, modelled"],
		["a device that is none of the three", "device", "tpu", "must be one of cpu, gpu, board"],
	] as const
).map(([name, field, text, rule]): [string, string, Fault] => [
	name,
	withField(field, text),
	{ line: 2, field, rule, value: text.replaceAll('"', "") },
]);

const textFaults: [string, string | Buffer, Fault][] = [
	["an empty file", "", { rule: "must not be empty" }],
	["a file of blank lines", "\n\r\n \n", { rule: "must not be empty" }],
	["a header alone", `${header}\n`, { rule: "must have at least one row below the header" }],
	["a missing column", table(row).replace(",kind", ",kid"), { line: 1, field: "kind", rule: "column must be present" }],
	[
		"no energy column",
		table(row).replace("energy_j_per_request", "power_w"),
		{
			line: 1,
			rule: "must have the column energy_j_per_request or energy_j_per_batch",
		},
	],
	["energy in megajoules", withColumns("energy_mj", "1"), { line: 1, field: "energy_mj", rule: unknownColumn }],
	["energy in kilowatt-hours", withColumns("energy_kwh", "1"), { line: 1, field: "energy_kwh", rule: unknownColumn }],
	[
		"latency in milliseconds",
		table(row).replace("latency_s", "latency_ms"),
		{ line: 1, field: "latency_ms", rule: unknownColumn },
	],
	["an unknown column", withColumns("remark", "x"), { line: 1, field: "remark", rule: unknownColumn }],
	[
		"a header in other letters",
		table(row).replace("device", "Device"),
		{ line: 1, field: "device", rule: "column must be present" },
	],
	[
		"a header column twice",
		withColumns("batch", "1"),
		{ line: 1, rule: "column names must not repeat", value: "batch" },
	],
	["a header column without a name", withColumns("", "1"), { line: 1, rule: "column 11 must have a name", value: "" }],
	[
		"spaces in the header",
		table(row).replaceAll(",batch", ", batch"),
		{
			line: 1,
			rule: "column names must not begin or end with a space",
			value: " batch",
		},
	],
	[
		"semicolons",
		table(row).replaceAll(",", ";"),
		{
			line: 1,
			rule: "must be separated by commas, not semicolons (save it as comma-separated UTF-8, with decimal points)",
			value: header.replaceAll(",", ";"),
		},
	],
	[
		"tabs",
		table(row).replaceAll(",", "\t"),
		{
			line: 1,
			rule: "must be separated by commas, not tabs (save it as comma-separated UTF-8, with decimal points)",
			value: header.replaceAll(",", "\t"),
		},
	],
	[
		"a row that is too short",
		table(row, "server,cpu"),
		{
			line: 3,
			rule: "must have 10 fields as the header has",
			value: 2,
		},
	],
	["a row that is too long", table(`${row},9`), { line: 2, rule: "must have 10 fields as the header has", value: 11 }],
	[
		"an unquoted decimal comma",
		withField("energy_j_per_request", "1,5"),
		{
			line: 2,
			rule: "must have 10 fields as the header has",
			value: 11,
		},
	],
	["an unclosed quote", table(row, `"${second}`, row, row), { line: 3, rule: "must close every quotation mark" }],
	[
		"an unclosed quote with CRLF",
		table(row, `"${second}`, row).replaceAll("\n", "\r\n"),
		{
			line: 3,
			rule: "must close every quotation mark",
		},
	],
	[
		"a quote in the middle of a field",
		table(row, second.replace("small", 'sm"all')),
		{
			line: 3,
			rule: "must be comma-separated text (RFC 4180)",
		},
	],
	[
		"UTF-16",
		Buffer.from(`\ufeff${table(row)}`, "utf16le"),
		{
			line: 1,
			rule: "must not hold NUL bytes (UTF-16 text is to be saved as UTF-8)",
		},
	],
	[
		"a NUL byte",
		table(row, second.replace("small", "sm\0all")),
		{
			line: 3,
			rule: "must not hold NUL bytes (UTF-16 text is to be saved as UTF-8)",
		},
	],
	[
		"Latin-1 bytes",
		Buffer.from(table(row, second.replace("small", "modèle")), "latin1"),
		{
			line: 3,
			rule: "must be UTF-8 text",
		},
	],
	[
		"gzip that is cut off",
		gzipSync(table(row)).subarray(0, -12),
		{
			rule: "must be whole gzip data (it is cut off or damaged)",
		},
	],
	[
		"gzip with a damaged checksum",
		damaged(gzipSync(table(row))),
		{
			rule: "must be whole gzip data (it is cut off or damaged)",
		},
	],
	[
		"a cell twice",
		table(row, second, row.replace("0.05", "0.06")),
		{
			line: 4,
			rule: "must not repeat the cell of line 2 (same population, variant, allocation, batch, replicas, knobs and workload)",
		},
	],
	[
		"a cell twice, differing in the spelling of a number",
		table(row, row.replace("2,1,", "2.0,1e0,")),
		{
			line: 3,
			rule: "must not repeat the cell of line 2 (same population, variant, allocation, batch, replicas, knobs and workload)",
		},
	],
	[
		"no energy and no reason",
		withField("energy_j_per_request", ""),
		{
			line: 2,
			field: "energy_unavailable_reason",
			rule: "must say why, where a row has no energy",
		},
	],
	[
		"an energy and a reason for none",
		withColumns("energy_unavailable_reason", "meter off"),
		{
			line: 2,
			field: "energy_unavailable_reason",
			rule: "must be empty where the row has an energy",
			value: "meter off",
		},
	],
	[
		"an energy per batch that is not that of its requests",
		withColumns("energy_j_per_batch", "3"),
		{
			line: 2,
			field: "energy_j_per_batch",
			rule: "must be energy_j_per_request x batch = 1.5",
			value: 3,
		},
	],
	["a missing variant", withField("variant", " "), { line: 2, field: "variant", rule: "must not be empty" }],
	[
		"a fault below a blank line",
		table(row, "", second.replace("1.1", "x")),
		{
			line: 4,
			field: "energy_j_per_request",
			rule: positive,
			value: "x",
		},
	],
	[
		"a fault below CRLF line ends",
		table(row, second.replace("1.1", "x")).replaceAll("\n", "\r\n"),
		{
			line: 3,
			field: "energy_j_per_request",
			rule: positive,
			value: "x",
		},
	],
	[
		"a fault below a quoted line end",
		table(row.replace("small", '"sm\nall"'), second.replace("1.1", "x")),
		{
			line: 4,
			field: "energy_j_per_request",
			rule: positive,
			value: "x",
		},
	],
	[
		"a fault in a row with a quoted line end, under CRLF",
		table(row, second.replace("small", '"sm\nall"').replace("1.1", "x")).replaceAll("\n", "\r\n"),
		{ line: 3, field: "energy_j_per_request", rule: positive, value: "x" },
	],
];

function damaged(bytes: Buffer): Buffer {
	const copy = Buffer.from(bytes);
	copy.writeUInt32LE((copy.readUInt32LE(copy.length - 8) ^ 1) >>> 0, copy.length - 8);
	return copy;
}

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "malformed-"));
});

let files = 0;
async function written(content: string | Buffer, name = `given${files++}.csv`): Promise<string> {
	const file = join(folder, name);
	await writeFile(file, content);
	return file;
}

async function faultOf(reading: Promise<unknown>): Promise<InputFault> {
	const error = await reading.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof InputError)) throw new Error(`no InputError but ${String(error)}`);
	return error.fault;
}

describe("a malformed table", () => {
	test.each([...numberFaults, ...textFaults])("%s", async (_, content, fault) => {
		const file = await written(content);
		expect(await faultOf(readCellsCsv(file))).toEqual({ file, ...fault });
	});

	test("a line of 100 MB", async () => {
		const file = await written(Buffer.concat([Buffer.from(`${header}\n`), Buffer.alloc(100_000_000, "x")]));
		expect(await faultOf(readCellsCsv(file))).toEqual({
			file,
			line: 2,
			rule: "must have records of at most 1000000 bytes",
		});
	});

	test("a folder and a file that is not there", async () => {
		expect(await faultOf(readCellsCsv(folder))).toEqual({ file: folder, rule: "must be a file", value: "EISDIR" });
		const file = join(folder, "absent.csv");
		expect(await faultOf(readCellsCsv(file))).toEqual({ file, rule: "must exist", value: "ENOENT" });
	});

	test("the message names file, line, column, rule and value", async () => {
		const file = await written(withField("latency_s", "fast"));
		await expect(readCellsCsv(file)).rejects.toThrow(`${file}:2, latency_s: ${positive}, received "fast"`);
	});
});

describe("a legal table in another dress reads as the plain one", () => {
	const plain = table(row, second);
	const cellsOf = async (content: string | Buffer, name?: string) => {
		const { cells } = await readCellsCsv(await written(content, name));
		return cells.map(({ dataset: _, line: __, ...cell }) => cell);
	};
	test.each<[string, string | Buffer]>([
		["gzip", gzipSync(plain)],
		["a byte order mark", `\ufeff${plain}`],
		["CRLF", plain.replaceAll("\n", "\r\n")],
		["a byte order mark, CRLF and gzip", gzipSync(`\ufeff${plain}`.replaceAll("\n", "\r\n"))],
		["CR alone", plain.replaceAll("\n", "\r")],
		["CRLF in the header alone", plain.replace("\n", "\r\n")],
		["no line end at the end", plain.trimEnd()],
		["blank lines", plain.replaceAll("\n", "\n\n")],
		["quotes around every field", plain.replaceAll(/[^,\n]+/g, '"$&"')],
		["spaces around numbers", table(row.replaceAll(",", " , "), second)],
		["other spellings of numbers", table(row.replace("1.5", "15e-1").replace("0.05", "+.05"), second)],
	])("%s", async (_, content) => {
		expect(await cellsOf(content)).toEqual(await cellsOf(plain));
	});

	test("quoted commas, quotes and line ends are text, and lines are counted from where a row begins", async () => {
		const { cells } = await readCellsCsv(
			await written(table(row.replace("small", '"a, ""b""\nc"'), second).replaceAll("\n", "\r\n")),
		);
		expect(cells.map(({ variant, line }) => [variant, line])).toEqual([
			['a, "b"\nc', 2],
			["small", 4],
		]);
	});

	test("knobs are numbers only where they are plain decimals", async () => {
		const names = "knob_a,knob_b,knob_c,knob_d,knob_e";
		const { cells } = await readCellsCsv(await written(withColumns(names, "0x10,Infinity,1e3,,int8")));
		expect(cells[0]?.knobs).toEqual({ a: "0x10", b: "Infinity", c: 1000, e: "int8" });
	});

	test("a row without energy says why, and has none", async () => {
		const given = `${header},energy_unavailable_reason\n${row.replace(/1\.5$/, "")},meter off\n`;
		const { cells } = await readCellsCsv(await written(given));
		expect(cells[0]?.energy).toEqual({ status: "unavailable", reason: "meter off" });
	});

	test("one modelled energy makes the table's kind modelled, and its cell's", async () => {
		const modelled = second.replace("measured", "modelled");
		const { provenance, cells } = await readCellsCsv(await written(table(row, modelled)));
		expect(provenance.kind).toBe("modelled");
		expect(cells.map(({ energy }) => energy.status === "available" && energy.kind)).toEqual(["measured", "modelled"]);
	});
});

describe("a folder that is not what its provenance says", () => {
	const csv = "machine,model,cores,size,joules,f1,note\na,m1,2,1,5,0.7,ok\na,m1,2,2,3,0.7,odd\n";
	const sound = () => ({
		dataset: "given",
		title: "given by a test",
		source: "this test",
		commit: "none",
		path: "cells.csv",
		hardware: "none",
		energy_method: "none",
		kind: "measured",
		units: {},
		licence: "none",
		caveats: [] as string[],
		flags: [{ name: "odd", meaning: "odd by a test", severity: "suspect" }],
		files: [{ name: "cells.csv", sha256: createHash("sha256").update(csv).digest("hex") }],
		evidence: { form: "mapped", file: "cells.csv", tables: [mapped()] },
	});
	const mapped = () => ({
		population: [{ column: "machine" }],
		hardware: { column: "machine" },
		device: "cpu",
		variant: { column: "model" },
		request_unit: "image",
		allocation: { column: "cores" },
		batch: { column: "size" },
		energy_j_per_request: { column: "joules" } as unknown,
		accuracy_pct: { column: "f1", scale: 100 } as unknown,
		flags: { odd: { column: "note", equals: "odd" } } as unknown,
	});
	const folderOf = async (provenance: unknown, content = csv) => {
		const made = await mkdtemp(join(folder, "folder-"));
		await writeFile(join(made, "cells.csv"), content);
		await writeFile(join(made, "provenance.yaml"), typeof provenance === "string" ? provenance : stringify(provenance));
		return made;
	};
	const withTable = (change: object) => ({
		...sound(),
		evidence: { form: "mapped", file: "cells.csv", tables: [{ ...mapped(), ...change }] },
	});

	test("the sound one reads", async () => {
		const { cells } = await readEvidence(await folderOf(sound()));
		expect(cells.map(({ accuracy_pct, flags }) => [accuracy_pct, flags])).toEqual([
			[70, []],
			[70, ["odd"]],
		]);
	});

	const table0 = "evidence.tables.0";
	test.each<[string, () => unknown, string, Fault]>([
		[
			"an unknown key",
			() => ({ ...sound(), colour: "red" }),
			"provenance.yaml",
			{ field: "colour", rule: "is no field that is known here", value: "red" },
		],
		[
			"a file outside its folder",
			() => ({ ...sound(), files: [{ ...sound().files[0], name: "../cells.csv" }] }),
			"provenance.yaml",
			{ field: "files.0.name", rule: "must name a file of its own folder" },
		],
		[
			"the folder above as a file",
			() => ({ ...sound(), files: [{ ...sound().files[0], name: ".." }] }),
			"provenance.yaml",
			{ field: "files.0.name", rule: "must name a file of its own folder" },
		],
		[
			"evidence in a file without a checksum",
			() => ({ ...sound(), evidence: { form: "cells", file: "../other.csv" } }),
			"provenance.yaml",
			{ field: "evidence.file", rule: "must be one of the files listed, with its sha256" },
		],
		[
			"a flag that is not declared",
			() => ({ ...sound(), flags: [] }),
			"provenance.yaml",
			{ field: `${table0}.flags.odd`, rule: "must be declared in flags, with its meaning and severity" },
		],
		[
			"a flag that could never apply",
			() => withTable({ flags: { odd: { column: "note" } } }),
			"provenance.yaml",
			{
				field: `${table0}.flags.odd`,
				rule: "must have one of equals, at_most, includes and present: it would never apply",
			},
		],
		[
			"a sha256 that is too short",
			() => ({ ...sound(), files: [{ name: "cells.csv", sha256: "abc" }] }),
			"provenance.yaml",
			{ field: "files.0.sha256", rule: "must be 64 hex digits" },
		],
		["no YAML", () => "dataset: [", "provenance.yaml", { line: 1, rule: "must be YAML" }],
		["a key twice", () => `${stringify(sound())}dataset: again\n`, "provenance.yaml", { rule: "must be YAML" }],
		[
			"a scaled accuracy over 100",
			() => withTable({ accuracy_pct: { column: "f1", scale: 1000 } }),
			"cells.csv",
			{ line: 2, field: "f1", rule: "must be a number from 0 to 100", value: 700 },
		],
		[
			"an energy that a scale makes 0",
			() => withTable({ energy_j_per_request: { column: "joules", scale: 0 } }),
			"cells.csv",
			{ line: 2, field: "joules", rule: positive, value: 0 },
		],
		[
			"a column that the file has not",
			() => withTable({ energy_j_per_request: { column: "kilojoules" } }),
			"cells.csv",
			{ line: 1, field: "kilojoules", rule: "column must be present" },
		],
		[
			"a choice by a column that the file has not",
			() => withTable({ where: { kind: "a" } }),
			"cells.csv",
			{ line: 1, field: "kind", rule: "column must be present" },
		],
		[
			"a row that no table takes",
			() => withTable({ where: { size: "1" } }),
			"cells.csv",
			{ line: 3, rule: "must be taken by one table of the provenance file, not 0" },
		],
	])("%s", async (_, provenance, at, fault) => {
		const made = await folderOf(provenance());
		const { file, ...found } = await faultOf(readEvidence(made));
		expect(basename(file)).toBe(at);
		expect(found).toMatchObject(fault);
		if (fault.field === undefined) expect(found).not.toHaveProperty("field");
	});

	test("a file that is not the one that the provenance was written for", async () => {
		const changed = csv.replace(",5,", ",6,");
		const made = await folderOf(sound(), changed);
		expect(await faultOf(readEvidence(made))).toEqual({
			file: join(made, "cells.csv"),
			rule: `must have the sha256 ${sound().files[0]?.sha256} of its provenance`,
			value: createHash("sha256").update(changed).digest("hex"),
		});
	});

	test("a flag in a cell table that the provenance does not declare", async () => {
		const cells = withColumns("flags", "odd", "strange").replace(/1,measured(.*strange)/, "2,measured$1");
		const provenance = {
			...sound(),
			files: [{ name: "cells.csv", sha256: createHash("sha256").update(cells).digest("hex") }],
			evidence: { form: "cells", file: "cells.csv" },
		};
		const made = await folderOf(provenance, cells);
		expect(await faultOf(readEvidence(made))).toEqual({
			file: join(made, "cells.csv"),
			line: 3,
			field: "flags",
			rule: "must be declared in provenance.yaml, with its meaning and severity",
			value: "strange",
		});
	});

	test("no provenance at all", async () => {
		const made = await mkdtemp(join(folder, "bare-"));
		expect(await faultOf(readEvidence(made))).toEqual({
			file: join(made, "provenance.yaml"),
			rule: "must exist",
			value: "ENOENT",
		});
	});
});
