import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const run = (...argv: string[]) => spawnSync("node", ["dist/cli/main.js", ...argv], { encoding: "utf8" });

describe("the command line", () => {
	const names = readdirSync("src/cli").flatMap((name) => (name.endsWith("Command.ts") ? [name.slice(0, -10)] : []));

	test("help lists every command's file", () => {
		const { status, stdout } = run("--help");
		expect(status).toBe(0);
		const [, listed = ""] = stdout.split("Commands:\n");
		expect(
			listed
				.match(/^ {2}\w+/gm)
				?.map((line) => line.trim())
				.sort(),
		).toEqual(names.sort());
		expect([run("-h").stdout, run().stderr, run().status]).toEqual([stdout, stdout, 2]);
	});

	test("--version is that of package.json", () => {
		const { version } = JSON.parse(readFileSync("package.json", "utf8"));
		expect(run("--version")).toMatchObject({ status: 0, stdout: `${version}\n` });
	});

	test.each(names)("%s --help shows its usage and its exit codes, as help %s does", (name) => {
		const { status, stdout, stderr } = run(name, "--help");
		expect([status, stderr]).toEqual([0, ""]);
		expect(stdout).toContain(`sustainable-ipa ${name}`);
		expect(stdout).toContain("Exit codes:");
		expect(run("help", name).stdout).toBe(stdout);
	});

	test.each([
		[["evalute"], "unknown command 'evalute'", "Did you mean evaluate?", "sustainable-ipa --help"],
		[["optimize", "--rat", "3"], "unknown option '--rat'", "Did you mean --rate?", "sustainable-ipa optimize --help"],
		[["optimize", "--rate"], "--rate <RPS>", "argument missing", "sustainable-ipa optimize --help"],
		[["measure"], "missing required argument 'PLAN'", "", "sustainable-ipa measure --help"],
		[["merge", "x"], "required option '--out <FOLDER>' not specified", "", "sustainable-ipa merge --help"],
		[["space", "x"], "too many arguments", "", "sustainable-ipa space --help"],
	])("%j: exit code 2, what is wrong, what may be meant, and the help to ask for", (args, wrong, meant, next) => {
		const { status, stdout, stderr } = run(...args);
		expect([status, stdout]).toEqual([2, ""]);
		for (const said of [wrong, meant, next]) expect(stderr).toContain(said);
	});

	test("an option's value is bad input: exit code 1, and the help to ask for", () => {
		expect(run("optimize", "--rate", "fast")).toMatchObject({
			status: 1,
			stdout: "",
			stderr:
				'command line, --rate: must be a number of 0 or more, received "fast"\nsustainable-ipa optimize --help tells more\n',
		});
	});

	test("--quiet: nothing but the answer, and errors", () => {
		const [loud, quiet] = [[], ["--quiet"]].map((more) => run("space", "--cap", "2", "--json", ...more));
		expect([loud?.stderr, quiet?.stderr]).toEqual([expect.stringContaining("configurations"), ""]);
		expect(quiet?.stdout).toBe(loud?.stdout);
		expect(run("space", "--profile", "no.json", "--quiet").stderr).toContain("no.json: must exist");
	});

	test("help loads no command's file, nor what commands use: the command line starts fast", () => {
		const hooks = `export const resolve = async (name, context, next) => {
			const found = await next(name, context);
			process._rawDebug("loads", found.url);
			return found;
		};`;
		const register = `import { register } from "node:module"; register("data:text/javascript,${encodeURIComponent(hooks)}");`;
		const loader = `data:text/javascript,${encodeURIComponent(register)}`;
		const loaded = (...argv: string[]) =>
			spawnSync("node", ["--import", loader, "dist/cli/main.js", ...argv], { encoding: "utf8" }).stderr;
		expect(loaded("space", "--help")).toMatch(/loads .*\/cli\/spaceCommand\.js/);
		const help = loaded("--help");
		expect(help).toMatch(/loads .*\/cli\/main\.js/);
		expect(help).not.toMatch(/Command\.js|\/(search|evaluation|measurement|report)\//);
	});

	test("docs/commands.md is what the commands' own descriptions make", () => {
		expect(run("help", "--markdown").stdout).toBe(readFileSync("docs/commands.md", "utf8"));
	});

	test("bad input is a message without a stack, with exit code 1", () => {
		const { status, stderr } = run("report", "package.json");
		expect(status).toBe(1);
		expect(stderr).toContain("package.json, cells is missing");
		expect(stderr).not.toContain("    at ");
	});

	test("npx finds it in the checkout", () => {
		expect(execFileSync("npx", ["sustainable-ipa", "--help"], { encoding: "utf8" })).toContain("COMMAND");
	});
});
