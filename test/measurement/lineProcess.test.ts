import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lineProcess } from "../../src/measurement/lineProcess.js";
import { parsePlan } from "../../src/measurement/plan.js";
import { measureWindow } from "../../src/measurement/window.js";
import { workloadSource } from "../../src/measurement/workloads.js";
import { tinyPlan } from "./plans.js";

const signal = new AbortController().signal;
/** A program that answers each request by `body`, which sees `request` and the number `n` of requests before it. */
function program(body: string): string[] {
	const file = join(mkdtempSync(join(tmpdir(), "lines-")), "program.mjs");
	writeFileSync(
		file,
		`import { createInterface } from "node:readline";
let n = 0;
for await (const line of createInterface({ input: process.stdin })) { const request = JSON.parse(line); ${body}; n++; }
`,
	);
	return [process.execPath, file];
}
const answer = (value: string) => `process.stdout.write(JSON.stringify(${value}) + "\\n")`;

describe("a program that answers lines", () => {
	test("one process for all batches; its own latency and what it counted", async () => {
		const argv = program(answer("{ latency_s: 0.5 * request.batch, tokens: 10 * request.batch, pid: process.pid }"));
		const process_ = await lineProcess(argv, 1);
		const [first, second] = [await process_.ask({ batch: 1 }), await process_.ask({ batch: 2 })];
		expect(first).toEqual({ latency_s: 0.5, counted: { tokens: 10, pid: process_.pid } });
		expect(second.latency_s).toBe(1);
		expect(second.counted.pid).toBe(first.counted.pid);
		const status = readFileSync(`/proc/${process_.pid}/status`, "utf8");
		expect(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]).toMatch(/^\d+$/);
		await process_.close();
	});

	test.each([
		[answer('{ error: "out of memory" }'), /out of memory/],
		[answer("{ latency_s: -1 }"), /object of numbers, and said/],
		[answer('{ latency_s: "fast" }'), /object of numbers, and said/],
		['process.stdout.write("hello\\n")', /line of JSON, and said "hello"/],
		['process.stderr.write("no such device\\n"); process.exit(4)', /exit code 4[\s\S]*no such device/],
	])("%s is a failure with its words", async (body, message) => {
		const process_ = await lineProcess(program(body), 1);
		await expect(process_.ask({ batch: 1 })).rejects.toThrow(message);
		await process_.close();
	});

	test("through the plan: a window of batches with their own latencies, CPU time of the process, and the sums", async () => {
		const busy = "const until = performance.now() + 20; while (performance.now() < until)";
		const argv = program(
			`${busy};${answer('{ latency_s: 0.25, crops: request.batch * (request.variant === "$(v)" ? 2 : 0) }')}`,
		);
		const runner = { type: "command", argv, protocol: "json-lines", request_unit: "image" };
		const plan = parsePlan(JSON.stringify(tinyPlan({ runner, variants: [{ name: "$(v)" }] })), "plan");
		const cell = { id: "c", variant: "$(v)", batch: 3, cores: 1, knobs: {} };
		const workload = await workloadSource(plan).prepare(cell);
		const window = await measureWindow(workload, { atLeast_s: 0.5, atLeastBatches: 10 }, [], signal);
		await workload.close();
		expect(window.latency_mean_s).toBeCloseTo(0.25, 12);
		expect(window.counted).toEqual({ crops: 6 * window.batches });
		// 20 ms of work a batch.
		expect(window.cpu_s.status === "available" && window.cpu_s.value).toBeGreaterThan(0.01 * window.batches);
		const broken = { ...runner, argv: ["program-that-is-not-there"] };
		const bad = parsePlan(JSON.stringify(tinyPlan({ runner: broken, variants: [{ name: "v" }] })), "plan");
		const missing = await workloadSource(bad).prepare(cell);
		await expect(missing.runBatch()).rejects.toThrow(/runner\.argv: must succeed:.*program-that-is-not-there/s);
	});
});
