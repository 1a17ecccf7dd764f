import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "init-"));
const run = (...args: string[]) =>
	spawnSync("node", [resolve("dist/cli/main.js"), ...args], { cwd: folder, encoding: "utf8" });

test.each([
	["csv", ["evaluate", "my.csv", "--json"]],
	["pipeline", ["optimize", "--profile", "my-pipeline.yaml"]],
	["plan", ["measure", "my-plan.yaml"]],
	["trace", ["adapt", "--trace", "my-trace.csv", "--json"]],
	["baseline", ["adapt", "--window", "steady_low", "--systems", "my-baselines.yaml"]],
])(
	"init %s writes a template that runs, names the command, and never over another file",
	(kind, command) => {
		const { status, stdout } = run("init", kind);
		expect(status).toBe(0);
		expect(stdout).toContain(`sustainable-ipa ${command[0]}`);
		expect(run("init", kind)).toMatchObject({ status: 1, stderr: expect.stringContaining("must not be there yet") });
		expect(run(...command)).toMatchObject({ status: 0 });
	},
	120_000,
);

test("an unknown kind is refused with those that there are", () => {
	expect(run("init", "pipelin").stderr).toContain("KIND: must be one of csv, pipeline, plan, trace, baseline");
});

test("a trace of one's own: a table or a number a line, the same load; a fault with its line", () => {
	writeFileSync(join(folder, "t.csv"), `requests\n${"7\n".repeat(60)}`);
	writeFileSync(join(folder, "t.txt"), "7\n".repeat(60));
	const served = (file: string) =>
		JSON.parse(run("adapt", "--trace", file, "--json").stdout)[3].outcome.served as { requests: number };
	expect(served("t.csv")).toEqual(served("t.txt"));
	expect(served("t.csv").requests).toBe(420);
	writeFileSync(join(folder, "bad.csv"), "requests\n7\n7.5\n");
	expect(run("adapt", "--trace", "bad.csv").stderr).toContain(
		"bad.csv:3, requests: must be a whole number of 0 or more",
	);
	expect(run("adapt", "--trace", "t.csv", "--from", "60").stderr).toContain("must lie in the trace of 60 s");
});
