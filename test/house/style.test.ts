import { execFileSync, spawnSync } from "node:child_process";
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
	...["README.md", "environment.md", "ARTIFACT.md", "CHANGELOG.md", "ipa-plugin/README.md", "chameleon/README.md"],
	...readdirSync("docs").map((name) => join("docs", name)),
	...readdirSync("notebooks").flatMap((name) => (name.endsWith(".ipynb") ? [join("notebooks", name)] : [])),
];

/** A page's text without its code. */
function prose(page: string): string {
	const text = page.endsWith(".ipynb")
		? readNotebook(page)
				.cells.map(({ cell_type, source }) => (cell_type === "markdown" ? source : ""))
				.join("\n")
		: readFileSync(page, "utf8");
	return text.replace(/^( *)(```|~~~)[\s\S]*?^ *\2/gm, "");
}

/** The anchors of a page's headings, as GitHub makes them: the second of the same name has -1. */
function anchors(text: string): ReadonlySet<string> {
	const found = new Set<string>();
	for (const [, heading = ""] of text.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
		const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
		const name = words.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
		let anchor = name;
		for (let count = 1; found.has(anchor); count++) anchor = `${name}-${count}`;
		found.add(anchor);
	}
	return found;
}

test("anchors are GitHub's", () => {
	const text = "# One `two`: three, 4\n\n## Same\n\n## Same\n\n### [Link](a.md) & Übung\n";
	expect([...anchors(text)]).toEqual(["one-two-three-4", "same", "same-1", "link--übung"]);
});

test.each(pages)("every file and heading that %s links to exists", (page) => {
	const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
	const missing = links.filter((link) => {
		const [path = "", anchor] = link.split("#");
		// The report is what `make evaluate` writes.
		if (/^(https?:|mailto:|reports\/)/.test(link)) return false;
		const file = path === "" ? page : join(dirname(page), path);
		return !existsSync(file) || (anchor !== undefined && !anchors(prose(file)).has(decodeURIComponent(anchor)));
	});
	expect(missing).toEqual([]);
});

test("the table of the data's terms is of today's data", () => {
	const { status, stderr } = spawnSync("node", ["scripts/data-licences.mjs", "--check"], { encoding: "utf8" });
	expect([status, stderr]).toEqual([0, ""]);
});
