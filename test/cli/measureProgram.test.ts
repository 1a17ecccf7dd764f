import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../src/datasets/csv.js";
import { launchBrowser } from "../../src/jupyter/images.js";
import type { ProgramMeasured } from "../../src/measurement/measureProgram.js";
import { realTime } from "../realTime.js";

const cli = "dist/cli/main.js";
let folder: string;
let meter: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "measure-program-"));
	meter = join(folder, "meter.mjs");
	// 40 W, whatever runs.
	writeFileSync(
		meter,
		"const began = performance.now(); setInterval(() => { const time_s = (performance.now() - began) / 1000; console.log(JSON.stringify({ energy_j: 40 * time_s, time_s })); }, 20);",
	);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const measure = (...argv: string[]) => execa("node", [cli, "measure", ...argv], { reject: false, stdin: "ignore" });
const own = () => ["--idle", "0.2", "--probe-command", `${process.execPath} '${meter}'`];

describe("measure -- program", () => {
	test("time by the clock, energy by a program that prints joules, in a table and every export", {
		...realTime,
		timeout: 120_000,
	}, async () => {
		const files = ["csv", "json", "md"].map((kind) => join(folder, `result.${kind}`));
		const exports = files.flatMap((file) => ["--export", file]);
		const { stdout, exitCode, stderr } = await measure(
			"--runs",
			"3",
			"--warmup",
			"2",
			...own(),
			...exports,
			"--",
			"sleep",
			"0.4",
		);
		expect(exitCode, stderr).toBe(0);
		expect(stdout).toMatch(/^sleep 0\.4\n\d+ runs in 3 windows\n/);
		expect(stdout).toMatch(/^energy +[\d.]+ J +[\d.]+ J to [\d.]+ J +command \(node\)/m);
		const measured = JSON.parse(readFileSync(files[1] ?? "", "utf8")) as ProgramMeasured;
		expect(measured.time_s.mean).toBeGreaterThan(0.4);
		expect(measured.measured).toHaveLength(3);
		const [first] = measured.energy;
		if (first?.energy.status !== "available") throw new Error("no energy");
		// 40 W over the run's time; nothing above the idle 40 W but noise.
		expect(first.energy.value.gross_j / measured.time_s.mean).toBeCloseTo(40, -1);
		expect(first.energy.value.power_w).toBeCloseTo(40, 0);
		const { rows } = await readCsv(files[0] ?? "");
		const energy = rows.find(({ values }) => values.quantity === "energy")?.values;
		expect(Number(energy?.mean)).toBe(first.energy.value.gross_j);
		expect(Number(energy?.low)).toBeLessThan(Number(energy?.mean));
		expect(readFileSync(files[2] ?? "", "utf8")).toMatch(/^\| energy \| [\d.]+ J \|/m);
	});

	test("without an energy source: the reasons, and --json", { timeout: 60_000 }, async () => {
		const { stdout, exitCode } = await measure(
			"--runs",
			"2",
			"--json",
			"--",
			process.execPath,
			"-e",
			"process.stdin.on('end', () => process.exit(0)).resume()",
		);
		expect(exitCode).toBe(0);
		const measured = JSON.parse(stdout) as ProgramMeasured;
		expect(measured.runs).toBeGreaterThanOrEqual(2);
		expect(measured.energy.length + measured.unavailable.length).toBeGreaterThan(8);
	});

	test("its own arguments are its own; a file is its input; another exit code is an error, or not", {
		timeout: 120_000,
	}, async () => {
		const script = join(folder, "script.mjs");
		writeFileSync(
			script,
			"import { readFileSync, writeFileSync } from 'node:fs'; writeFileSync(process.argv[2], JSON.stringify([process.argv.slice(3), readFileSync(0, 'utf8')])); process.exit(7)",
		);
		const [said, input] = [join(folder, "said"), join(folder, "input")];
		writeFileSync(input, "a line");
		const program = ["--", process.execPath, script, said, "--runs", "9", "{batch}", "--", "-x"];
		const failed = await measure("--runs", "2", "--input", input, ...program);
		expect(failed.exitCode).toBe(1);
		expect(failed.stderr).toMatch(/must start and end with exit code 0 \(--ignore-failure .*exit code 7/);
		expect(JSON.parse(readFileSync(said, "utf8"))).toEqual([["--runs", "9", "{batch}", "--", "-x"], "a line"]);
		expect((await measure("--runs", "2", "--ignore-failure", ...program)).exitCode).toBe(0);
		const absent = await measure("--ignore-failure", "--", "no-such-program");
		expect([absent.exitCode, absent.stderr]).toEqual([1, expect.stringContaining("ENOENT")]);
	});

	test.each([
		[["--out", "x", "--", "true"], "--out: goes with a plan"],
		[["--runs", "3", "video-quick"], "--runs: goes with a program after --"],
		[["--export", "x.txt", "--", "true"], '--export: must end with .csv, .json or .md, received "x.txt"'],
		[["a", "b"], "PLAN: name one plan, or give a program after --"],
	])("%j is refused", async (argv, words) => {
		const { exitCode, stderr } = await measure(...argv);
		expect(exitCode).toBeGreaterThan(0);
		expect(stderr).toContain(words);
	});
});

describe("measure --watch", () => {
	let browser: Browser;
	beforeAll(async () => {
		// The page is on this machine alone, and nothing else is looked up.
		browser = await launchBrowser(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]);
	});
	afterAll(() => browser.close());

	test("a browser sees watts, joules and progress, and how it ended; another host's name gets nothing", {
		...realTime,
		timeout: 120_000,
	}, async () => {
		const child = spawn("node", [cli, "measure", "--watch", "--runs", "8", ...own(), "--", "sleep", "0.3"], {
			stdio: ["ignore", "ignore", "pipe"],
		});
		try {
			let url = "";
			for await (const line of createInterface({ input: child.stderr })) {
				url = /watch it at (\S+)/.exec(line)?.[1] ?? "";
				if (url !== "") break;
			}
			child.stderr.resume();
			expect(new URL(url).hostname).toBe("127.0.0.1");
			const page = await browser.newPage();
			const faults: string[] = [];
			page.on("pageerror", ({ message }) => faults.push(message));
			await page.goto(url);
			expect(await page.title()).toBe("measuring sleep 0.3");
			const says = (id: string, hasText: RegExp) => page.locator(id).filter({ hasText }).waitFor({ timeout: 60_000 });
			await says("#watts", / W$/);
			expect(Number.parseFloat((await page.textContent("#watts")) ?? "")).toBeCloseTo(40, 0);
			await says("#done", /^[2-8] of 8$/);
			expect(await page.getAttribute("#plot polyline", "points")).toMatch(/\d/);
			// Its host's name as a page elsewhere would have it, that a name server leads here.
			const elsewhere = await execa("node", [
				"-e",
				`require('node:http').get('${url}', { headers: { host: 'evil.example' } }, ({ statusCode }) => console.log(statusCode))`,
			]);
			expect(elsewhere.stdout).toBe("403");
			await says("#state", /^complete$/);
			expect(faults).toEqual([]);
			await page.close();
		} finally {
			child.kill();
		}
	});
});
