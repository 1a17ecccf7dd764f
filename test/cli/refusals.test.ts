import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cellsOf, writeCellsCsv } from "../../src/datasets/cellsCsv.js";
import { csvField, plainField, readCsv } from "../../src/datasets/csv.js";
import { packageRoot } from "../../src/datasets/root.js";

const main = join(packageRoot, "dist/cli/main.js");
const folder = mkdtempSync(join(tmpdir(), "refusals-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "file");
writeFileSync(file, "x");

describe("a path that cannot be: one line that names it, exit code 1, no stack trace", () => {
	test.each([
		[["report", "nosuch.ipynb"], "nosuch.ipynb: must exist"],
		[["report", folder], `${folder}: must be a file`],
		[
			["k8s", "video-quick", "--shards", "2", "--image", "i", "--out", "nosuch/x.yaml"],
			"nosuch/x.yaml: must be in a folder that exists",
		],
		[
			["k8s", "video-quick", "--shards", "2", "--image", "i", "--out", join(file, "x.yaml")],
			"must be in a folder, not under a file",
		],
		[["k8s", "nosuch.yaml", "--shards", "2", "--image", "i"], "nosuch.yaml: must exist"],
		[
			["adapt", "--from", "0", "--seconds", "60", "--csv", "nosuch/x.csv"],
			"nosuch/x.csv: must be in a folder that exists",
		],
		[
			["adapt", "--from", "0", "--seconds", "60", "--csv", "/proc/x.csv"],
			"/proc/x.csv: must be in a folder that exists",
		],
		[["train", "--table", "--trace", "nosuch.txt"], "nosuch.txt: must exist"],
		[["profiles", "--out", join(file, "out")], "must be in a folder, not under a file"],
		[["space", "--profile", "nosuch.json"], "nosuch.json: must exist"],
		[["optimize", "--request", folder], `${folder}: must be a file`],
		[["evaluate", "nosuch.csv"], "nosuch.csv: must exist"],
	])("%s", (args, said) => {
		const { status, stderr } = spawnSync("node", [main, ...args], { encoding: "utf8" });
		expect(stderr).toContain(said);
		expect(stderr).not.toMatch(/^\s+at .*\(|node:internal/m);
		expect([status, stderr.trim().split("\n").length]).toEqual([1, 1]);
	});
});

describe("a text that a spreadsheet would run", () => {
	const formulas = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "'=1", "''=1", '="a",b\n'];

	test("is marked on export, and read back as it was; numbers stay numbers", () => {
		for (const text of formulas) {
			const field = csvField(text);
			const content = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
			expect(content.startsWith("'")).toBe(true);
			expect(plainField(content)).toBe(text);
		}
		expect([-1.5, "-1.5", "+2", 1e-7, "plain", "it's", "'quoted'"].map(csvField)).toEqual([
			"-1.5",
			"-1.5",
			"+2",
			"1e-7",
			"plain",
			"it's",
			"'quoted'",
		]);
	});

	test("variants and knobs of a table of cells come back whole", async () => {
		const text = `hardware,device,variant,allocation,batch,kind,latency_s,energy_j_per_request,knob_mode
m,cpu,'=HYPERLINK("x"),1,1,measured,0.1,2,'@fast
m,cpu,plain,1,2,measured,0.1,2,-3
`;
		const given = join(folder, "given.csv");
		writeFileSync(given, text.replace('\'=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'));
		const cells = cellsOf(await readCsv(given), "d");
		expect(cells.map(({ variant, knobs }) => [variant, knobs.mode])).toEqual([
			['=HYPERLINK("x")', "@fast"],
			["plain", -3],
		]);
		const written = join(folder, "written.csv");
		await writeCellsCsv(written, cells);
		expect(cellsOf(await readCsv(written), "d")).toEqual(cells);
	});
});
