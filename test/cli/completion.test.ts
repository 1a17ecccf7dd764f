import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

const script = (shell: string) => {
	const file = join(mkdtempSync(join(tmpdir(), "completion-")), shell);
	writeFileSync(file, spawnSync("node", ["dist/cli/main.js", "completion", shell], { encoding: "utf8" }).stdout);
	return file;
};
const there = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

describe.skipIf(!there("bash"))("in a real bash, what is offered after", () => {
	let file: string;
	beforeAll(() => {
		file = script("bash");
	});
	const offered = (...words: string[]) => {
		const line = ["sustainable-ipa", ...words];
		const code = `source ${file}; COMP_WORDS=(${line.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}
			$(complete -p sustainable-ipa | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`;
		const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", code], { encoding: "utf8" });
		expect(stderr).toBe("");
		return stdout.split("\n").filter((word) => word !== "");
	};

	test.each([
		[["o"], ["optimize"]],
		[
			["optimize", "--max-"],
			["--max-energy", "--max-power", "--max-cost", "--max-latency"],
		],
		[
			["optimize", "--family", ""],
			["sum", "product"],
		],
		[["optimize", "--rate", "5", "--fam"], ["--family"]],
		[["completion", "z"], ["zsh"]],
		[
			["help", "me"],
			["measure", "merge"],
		],
		// A file's name is the shell's to complete.
		[["evaluate", ""], []],
		[["adapt", "--csv", ""], []],
		[["nosuch", "--"], []],
	])("%j", (words, expected) => {
		expect([...offered(...words)].sort()).toEqual([...expected].sort());
	});

	test("nothing: every command", () => {
		expect(offered("")).toEqual(expect.arrayContaining(["evaluate", "optimize", "lab", "help", "--version"]));
	});
});

test.skipIf(!there("zsh"))("a real zsh reads its script, and completes with it", () => {
	const code = `autoload -U compinit && compinit -u -D; source ${script("zsh")}; print $_comps[sustainable-ipa]
		words=(sustainable-ipa optimize --family ''); CURRENT=4; compadd() { print -l -- "$@" }; _sustainable_ipa`;
	const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", code], { encoding: "utf8" });
	expect([stderr, stdout.trim().split("\n")]).toEqual(["", ["_sustainable_ipa", "--", "sum", "product"]]);
});
