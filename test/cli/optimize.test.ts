import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { readPreset } from "../../src/published/presets.js";
import { optimize } from "../../src/search/optimum.js";
import { oracle, specOf } from "../pipeline/oracle.js";

const main = join(packageRoot, "dist/cli/main.js");
const run = (args: string[], input = "") => spawnSync("node", [main, ...args], { input, encoding: "utf8" });
const sound = oracle.filter(({ expected }) => expected.error === undefined && expected.n_feasible > 0).slice(0, 5);

describe("the optimize command, as another program calls it", () => {
	test("a request on standard input gets IPA's own optimum", () => {
		const [entry] = sound as [(typeof oracle)[number]];
		const { status, stdout } = run(["optimize", "--request", "-"], JSON.stringify({ pipeline: specOf(entry) }));
		expect(status).toBe(0);
		expect(JSON.parse(stdout).configuration.objective).toBeCloseTo(entry.expected.optimum as number, 9);
	});

	test("a fault of the whole request names no field, an id of another type says what it may be", () => {
		const { stdout } = run(["optimize", "--serve"], '[]\n{"id":null}\n');
		const messages = stdout
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line).message);
		expect(messages).toEqual([
			"request: must be an object, received []",
			"request, id: must be a string or a number, received null\nrequest, pipeline is missing",
		]);
	});

	test("--serve answers line by line, in order, and a bad request ends nothing", () => {
		const lines = [
			...sound.map((entry, id) => JSON.stringify({ id, pipeline: specOf(entry) })),
			"not JSON",
			JSON.stringify({ id: "bad", pipeline: { ...specOf(sound[0] as (typeof oracle)[number]), scaling_cap: -1 } }),
			JSON.stringify({ id: "last", pipeline: specOf(sound[0] as (typeof oracle)[number]) }),
		];
		const { status, stdout } = run(["optimize", "--serve"], `${lines.join("\n")}\n`);
		const answers = stdout
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(status).toBe(0);
		sound.forEach((entry, id) => {
			expect(answers[id]).toMatchObject({ id, status: "optimal" });
			expect(answers[id].configuration.objective).toBeCloseTo(entry.expected.optimum as number, 9);
		});
		expect(answers.slice(sound.length)).toMatchObject([
			{ status: "error", error: "InputError" },
			{ id: "bad", status: "error", message: expect.stringContaining("pipeline.scaling_cap") },
			{ id: "last", status: "optimal" },
		]);
	});

	test("the Video pipeline as published by default, the wider profile on demand; bounds bind; energy that nobody measured is an error, not a zero", async () => {
		const wider = JSON.parse(readFileSync(join(packageRoot, "data/derived/profiles/video.json"), "utf8"));
		const answer = (...args: string[]) => JSON.parse(run(["optimize", ...args]).stdout);
		const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
		const { spec } = await readPreset("video");
		expect(answer()).toEqual(plain(optimize(spec)));
		expect(answer("--as-published", "--family", "product")).toEqual(
			plain(optimize((await readPreset("video", "product")).spec)),
		);
		expect(answer("--derived")).toEqual(plain(optimize(wider)));
		expect(run(["optimize", "--derived", "--family", "sum"]).stderr).toContain(
			"--family: must stand with the published",
		);
		expect(run(["optimize", "--derived", "--as-published"]).stderr).toContain("must not stand with --as-published");
		expect(run(["optimize", "--profile", "x.json", "--derived"]).stderr).toContain(
			"must stand with one of IPA's pipelines",
		);
		expect(run(["optimize", "--max-cost", "1"])).toMatchObject({ status: 3 });
		const refused = run(["optimize", "--delta", "1"]);
		expect(refused.status).toBe(1);
		expect(refused.stderr).toContain("never taken as 0");
	});

	test("an option beside a whole request, and a file that is not there, are one line of error", () => {
		expect(run(["optimize", "--request", "-", "--rate", "3"])).toMatchObject({
			status: 1,
			stderr: expect.stringContaining("--request: must stand alone: a request holds everything, so that --rate"),
		});
		expect(run(["optimize", "--k", "3", "--serve"]).stderr).toContain("--serve: must stand alone");
		for (const args of [
			["--request", "none.json"],
			["--profile", "none.json"],
			["--profile", "vidoe"],
		]) {
			const { status, stderr } = run(["optimize", ...args]);
			expect([status, stderr.trim()]).toEqual([1, `${args[1]}: must exist, received "ENOENT"`]);
		}
		expect(run(["optimize", "--rate", ""]).stderr).toContain("--rate: must be a number of 0 or more");
		expect(run(["optimize", "--eur-per-kwh", "1"]).stderr).toContain("must be given together");
	});

	test("a pipeline without a base allocation, where IPA raises too, is one line of error", () => {
		const [entry] = oracle.filter(({ expected }) => expected.error === "base_allocation");
		const request = JSON.stringify({ pipeline: specOf(entry as (typeof oracle)[number]) });
		const { status, stderr } = run(["optimize", "--request", "-"], request);
		expect(status).toBe(1);
		expect(stderr.trim()).toMatch(/^no base allocation: .* on none of the allocations left$/);
	});

	test("space counts the whole Video space before building anything", () => {
		const out = spawnSync("node", [main, "space", "--count"], { encoding: "utf8" });
		// 5 x 5 variants, 3 x 3 batches, 100 x 100 replicas; 7 x 7 batches on the wider profile.
		expect(out.stdout).toContain("2250000 configurations");
		const wider = spawnSync("node", [main, "space", "--count", "--derived"], { encoding: "utf8" });
		expect(wider.stdout).toContain("12250000 configurations");
		const small = JSON.parse(
			execFileSync("node", [main, "space", "--cap", "4", "--json"], {
				encoding: "utf8",
				stdio: ["ignore", "pipe", "ignore"],
			}),
		);
		expect(small.configurations).toBe(15 * 4 * 15 * 4);
		expect(small.best[0].objective).toBeCloseTo(JSON.parse(run(["optimize"]).stdout).configuration.objective, 9);
	});
});
