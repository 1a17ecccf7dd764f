import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";

const run = (...argv: string[]) => spawnSync("node", ["dist/cli/main.js", ...argv], { encoding: "utf8" });

describe("the command line", () => {
	const names = readdirSync("src/cli").flatMap((name) => (name.endsWith("Command.ts") ? [name.slice(0, -10)] : []));

	test("help lists every command's file", () => {
		const { status, stdout } = run("--help");
		expect(status).toBe(0);
		expect(
			stdout
				.match(/^ {2}(\w+)/gm)
				?.map((line) => line.trim())
				.sort(),
		).toEqual(names.sort());
	});

	test.each(names)("%s --help shows its usage", (name) => {
		const { status, stdout, stderr } = run(name, "--help");
		expect([status, stderr]).toEqual([0, ""]);
		expect(stdout).toContain(`sustainable-ipa ${name}`);
	});

	test("an unknown command is named, with the usage and exit code 2", () => {
		const { status, stderr } = run("evalute");
		expect(status).toBe(2);
		expect(stderr).toContain('unknown command "evalute"');
		expect(stderr).toContain("report");
	});

	test("an unknown option is named, with exit code 2", () => {
		const { status, stderr } = run("report", "--no-such");
		expect(status).toBe(2);
		expect(stderr).toContain("--no-such");
	});

	test("bad input is a message without a stack, with exit code 1", () => {
		const { status, stderr } = run("report", "package.json");
		expect(status).toBe(1);
		expect(stderr).toContain("package.json, cells: ");
		expect(stderr).not.toContain("    at ");
	});

	test("npx finds it in the checkout", () => {
		expect(execFileSync("npx", ["sustainable-ipa", "--help"], { encoding: "utf8" })).toContain("COMMAND");
	});
});
