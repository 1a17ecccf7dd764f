import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";

const main = join(packageRoot, "dist/cli/main.js");
const fixture = (name: string) => readFileSync(join("test/fixtures/faults", name), "utf8");

interface Answer {
	readonly id?: unknown;
	readonly status: string;
	readonly error?: string;
	readonly message?: string;
	readonly best?: readonly unknown[];
	readonly ties?: readonly unknown[];
	readonly tiesCut?: boolean;
	readonly configuration?: { readonly objective: number; readonly feasible: boolean };
	readonly gap?: number;
}

/** The program's answers, one a request, and the CPU seconds that it took at most. */
function serve(input: string | Buffer): Answer[] {
	const { status, stdout, stderr, signal } = spawnSync("node", [main, "optimize", "--serve"], {
		input,
		maxBuffer: 1e9,
		timeout: 50_000,
	});
	expect([status, signal, stderr.toString()]).toEqual([0, null, ""]);
	return stdout
		.toString()
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as Answer);
}

const last = fixture("serve-k-1e6.jsonl").trim().split("\n")[1] as string;
const small = (JSON.parse(last) as { pipeline: PipelineSpec }).pipeline;
/** An answer to each, and one to an ordinary request after them. */
function served(requests: readonly (object | string)[]): Answer[] {
	const lines = requests.map((own) => (typeof own === "string" ? own : JSON.stringify(own)));
	const answers = serve(`${[...lines, last].join("\n")}\n`);
	expect(answers).toHaveLength(requests.length + 1);
	expect(answers.at(-1)).toMatchObject({ id: "after", status: "optimal" });
	return answers.slice(0, -1);
}

describe("requests that stopped the server or held it up", () => {
	test.each([
		["serve-id-nested.jsonl", { status: "error", error: "InputError" }],
		["serve-k-1e6.jsonl", { id: 1, status: "error", error: "InputError" }],
		["serve-k-with-a-great-cap.jsonl", { id: 1, status: "optimal" }],
		["serve-ties-of-20-equal-stages.jsonl", { id: 1, status: "optimal", tiesCut: true }],
		["serve-three-bounds-8x20.jsonl", { id: 1, status: "optimal" }],
	])("%s gets an answer, and so does the next", (name, expected) => {
		const begun = performance.now();
		const answers = serve(fixture(name));
		expect(answers).toMatchObject([expected, { id: "after", status: "optimal" }]);
		expect(performance.now() - begun).toBeLessThan(20_000);
	});

	test("deep nesting anywhere, in objects too, is an error that names the limit", () => {
		const deep = (open: string, close: string) => open.repeat(50_000) + close.repeat(50_000);
		const answers = served([
			`{"id": "deep", "pipeline": ${deep("[", "]")}}`,
			`{"pipeline": ${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`,
			deep("[", "]"),
			"[".repeat(100_000),
		]);
		for (const { status, message } of answers) {
			expect(status).toBe("error");
			expect(message).toContain("nests at most 64 deep");
		}
	});

	test("a line over 16 MiB is passed over, however long, and bytes that are no text are an error", () => {
		const long = Buffer.alloc(60 * 1024 * 1024, "x");
		const answers = serve(Buffer.concat([long, Buffer.from("\n"), Buffer.from([0xff, 0xfe, 10]), Buffer.from(last)]));
		expect(answers.map(({ status, message }) => message ?? status)).toEqual([
			"request: must have at most 16777216 bytes a line",
			"request: must be UTF-8 text",
			"optimal",
		]);
	});

	test("no item for each replica: a cap of 1e9 with k, with ties, and where replicas cost nothing", () => {
		const cap = { ...small, scaling_cap: 1e9 };
		const free = { ...cap, weights: { ...cap.weights, beta: 0 } };
		const answers = served([
			{ id: 0, pipeline: cap, k: 1000 },
			{ id: 1, pipeline: cap, ties: true },
			{ id: 2, pipeline: free, k: 10, ties: true },
		]);
		expect(answers.map(({ id, status }) => [id, status])).toEqual([0, 1, 2].map((id) => [id, "optimal"]));
		expect(answers[0]?.best).toHaveLength(1000);
		expect(answers[2]?.best).toHaveLength(10);
		expect(answers[2]?.tiesCut).toBe(true);
	});

	test("sizes past what a request may have are named: stages, points, k, a limit of time", () => {
		const [stage] = small.stages as [PipelineSpec["stages"][number]];
		const many = (count: number) => Array.from({ length: count }, () => stage);
		const points = Array.from({ length: 5001 }, (_, i) => ({ ...stage.points[0], variant: `v${i}` }));
		const answers = served([
			{ pipeline: { ...small, stages: many(65) } },
			{ pipeline: { ...small, stages: [{ ...stage, points }] } },
			{ pipeline: small, k: 10_001 },
			{ pipeline: small, time_limit_s: 1e9 },
		]);
		expect(answers.map(({ message }) => message?.split(":")[0])).toEqual([
			"request, pipeline.stages",
			"request, pipeline.stages.0.points",
			"request, k",
			"request, time_limit_s",
		]);
	});

	test("when the time is over: stopped, with the best so far and how far it may be from the best", () => {
		const { pipeline, bounds } = JSON.parse(fixture("serve-three-bounds-8x20.jsonl").split("\n")[0] as string);
		const [whole, cut, first] = served([
			{ id: "whole", pipeline, bounds },
			{ id: "cut", pipeline, bounds, time_limit_s: 1e-9 },
			{ id: "first", pipeline: { ...pipeline, scaling_cap: 1000 }, k: 10_000, time_limit_s: 1e-9 },
		]) as [Answer, Answer, Answer];
		const best = whole.configuration?.objective as number;
		expect(cut.status).toBe("stopped");
		if (cut.configuration !== undefined) {
			expect(cut.configuration.feasible).toBe(true);
			expect(cut.configuration.objective).toBeLessThanOrEqual(best + 1e-9);
			expect(cut.configuration.objective + (cut.gap as number)).toBeGreaterThanOrEqual(best - 1e-9);
		}
		expect(first.status).toBe("stopped");
	});

	test("--time-limit on the command line, and exit code 4 for stopped", () => {
		const request = fixture("serve-three-bounds-8x20.jsonl").split("\n")[0] as string;
		const { status } = spawnSync("node", [main, "optimize", "--request", "-"], {
			input: JSON.stringify({ ...JSON.parse(request), time_limit_s: 1e-9 }),
		});
		expect(status).toBe(4);
		const refused = spawnSync("node", [main, "optimize", "--time-limit", "0"], { encoding: "utf8" });
		expect(refused.stderr).toContain("--time-limit: must be a number above 0");
	});
});
