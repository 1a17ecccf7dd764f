import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readNotebook } from "../../src/jupyter/ipynb.js";

test("types hold", () => {
	execFileSync("node", ["node_modules/typescript/bin/tsc", "--noEmit"], { stdio: "pipe" });
});

test("lint and format hold", () => {
	execFileSync("npx", ["biome", "check", "."], { stdio: "pipe" });
});

test("the lockfile installs", () => {
	execFileSync("npm", ["ci", "--dry-run", "--ignore-scripts", "--no-audit", "--no-fund"], { stdio: "pipe" });
});

const pages = [
	...["README.md", "environment.md", "CHANGELOG.md", "ipa-plugin/README.md"],
	...readdirSync("docs").map((name) => join("docs", name)),
	...readdirSync("notebooks").flatMap((name) => (name.endsWith(".ipynb") ? [join("notebooks", name)] : [])),
];

test.each(pages)("every file that %s links to exists", (page) => {
	const text = page.endsWith(".ipynb")
		? readNotebook(page)
				.cells.map(({ cell_type, source }) => (cell_type === "markdown" ? source : ""))
				.join("\n")
		: readFileSync(page, "utf8");
	const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link ?? "");
	const missing = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(dirname(page), link)));
	// The report is what `make evaluate` writes.
	expect(missing.filter((link) => !link.startsWith("reports/"))).toEqual([]);
});
