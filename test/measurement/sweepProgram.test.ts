import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { packageRoot } from "../../src/datasets/root.js";
import { cellOf } from "../../src/measurement/gpuSweep/summary.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "sweep-program-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the Python program", () => {
	const program = join(packageRoot, "python/video_gpu/sweep.py");

	test("lists windows whose cells are read here, 163 of them, without torch", () => {
		const keys = execFileSync("python3", [program, "--list", "--repetitions", "2"], { encoding: "utf8" });
		const ids = new Set(
			keys
				.trim()
				.split("\n")
				.flatMap((key) => (key.startsWith("control.") ? [] : [key.split("#")[0] as string])),
		);
		expect(ids.size).toBe(163);
		expect(new Set([...ids].map((id) => JSON.stringify({ ...cellOf(id), id: "" }))).size).toBe(163);
	});

	test("refuses what cannot be asked, with its reason", () => {
		const run = (...argv: string[]) => spawnSync("python3", [program, ...argv], { encoding: "utf8" });
		expect(run("--journal", join(folder, "n.jsonl"), "--cells", "resnet9/.*").stderr).toContain("no cell for --cells");
		expect(run().stderr).toContain("--journal is needed");
		expect(run("--journal", "x", "--window", "0").status).toBe(2);
	});

	test("on the command line: a Python that is not there, and a journal that is not there", () => {
		const sweep = (...argv: string[]) =>
			spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "sweep", ...argv], { encoding: "utf8" });
		expect(sweep("--run", "--journal", "x", "--python", join(folder, "no-python")).stderr).toContain(
			"sweep, --python: there is no program",
		);
		expect(sweep("--journal", join(folder, "none.jsonl"), "--out", "x").stderr).toContain("(ENOENT)");
		expect(sweep("--out", "x").stderr).toContain("--journal: must name a journal");
	});
});

/** A Python with torch and torchvision; without one the checks that need it are skipped. */
const torchPython = process.env.SUSTAINABLE_IPA_TORCH_PYTHON ?? "";

describe.skipIf(!existsSync(torchPython))("a real sweep on the CPU", () => {
	const tiny = ["--device", "cpu", "--cells", "resnet18/fp32/b[12]", "--control", "resnet18/fp32/b1"];
	const options = [...tiny, "--window", "1.5", "--repetitions", "2", "--idle", "0.3"];
	const program = join(packageRoot, "python/video_gpu/sweep.py");

	test("killed and stopped midway it goes on, and its dataset is complete, barred for want of an energy", async () => {
		const journal = join(folder, "cpu.jsonl");
		const lines = () => (existsSync(journal) ? readFileSync(journal, "utf8").split("\n") : []);
		for (const [signal, exit, windows] of [
			["SIGKILL", null, 1],
			["SIGTERM", 143, 3],
		] as const) {
			const child = spawn(torchPython, [program, "--journal", journal, ...options], { stdio: "ignore" });
			const ended = new Promise((resolve) => child.on("close", resolve));
			while (lines().filter((line) => line.includes('"window"')).length < windows)
				await new Promise((resolve) => setTimeout(resolve, 50));
			child.kill(signal);
			expect(await ended).toBe(exit);
		}
		const before = lines().slice(0, -1);

		const out = join(folder, "cpu-trial");
		const argv = ["sweep", "--run", "--python", torchPython, "--journal", journal, "--out", out, "--", ...options];
		const { status, stdout } = spawnSync("node", [join(packageRoot, "dist/cli/main.js"), ...argv], {
			encoding: "utf8",
		});
		expect(status).toBe(0);
		expect(stdout).toContain("grid: 2 of 163 cells with every repetition");
		expect(lines().slice(0, before.length)).toEqual(before);
		const keys = lines().flatMap((line) => (line.includes('"type":"window"') ? [JSON.parse(line).key] : []));
		const planned = execFileSync(torchPython, [program, "--list", ...options], { encoding: "utf8" });
		expect(keys).toEqual(planned.trim().split("\n"));

		const { cells, provenance } = await readEvidence(out);
		expect(cells.map(({ variant, batch, repetitions }) => [variant, batch, repetitions])).toEqual([
			["resnet18", 1, 2],
			["resnet18", 2, 2],
		]);
		for (const { energy } of cells)
			expect(energy).toMatchObject({ status: "unavailable", reason: expect.stringContaining("no GPU") });
		// In each window the time a batch is its latency, and drawing its images and the loop beyond that.
		for (const line of lines().filter((text) => text.includes('"type":"window"'))) {
			const { start_s, end_s, batches, latency_s, draw_s } = JSON.parse(line);
			const beyond = (end_s - start_s) / batches / (latency_s.mean + draw_s);
			expect(beyond).toBeGreaterThan(0.85);
			expect(beyond).toBeLessThan(1.3);
		}
		expect(provenance.barred).toContain("no measured energy");
	}, 600_000);

	test("with a journal of another seed, or too little time, it says so", () => {
		const journal = join(folder, "short.jsonl");
		const run = (...more: string[]) =>
			spawnSync(torchPython, [program, "--journal", journal, ...options, ...more], { encoding: "utf8" });
		const short = run("--seconds", "5");
		expect(short.status).toBe(1);
		expect(short.stderr).toContain("--seconds 5 is too short for a window");
		const begun = Date.now();
		const some = run("--seconds", "25");
		expect(some.status).toBe(3);
		expect(some.stderr).toContain("time is up");
		// Starting Python itself comes before the clock of the call.
		expect((Date.now() - begun) / 1000).toBeLessThan(27);
		const other = run("--seed", "3");
		expect(other.status).toBe(1);
		expect(other.stderr).toContain("is of another sweep: seed is 20240711 there and 3 here");
	}, 600_000);
});
