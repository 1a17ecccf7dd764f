import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("types hold", () => {
	execFileSync("node", ["node_modules/typescript/bin/tsc", "--noEmit"], { stdio: "pipe" });
});

test("lint and format hold", () => {
	execFileSync("npx", ["biome", "check", "."], { stdio: "pipe" });
});

test("the lockfile installs", () => {
	execFileSync("npm", ["ci", "--dry-run", "--ignore-scripts", "--no-audit", "--no-fund"], { stdio: "pipe" });
});

test.each(["README.md", "environment.md", "CHANGELOG.md"])("every file that %s links to exists", (page) => {
	const links = [...readFileSync(page, "utf8").matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link ?? "");
	const missing = links.filter((link) => !/^https?:/.test(link) && !existsSync(link));
	// The report is what `make evaluate` writes.
	expect(missing.filter((link) => !link.startsWith("reports/"))).toEqual([]);
});
