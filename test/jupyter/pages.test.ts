import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { launchBrowser, saveFigure } from "../../src/jupyter/images.js";
import { readNotebook } from "../../src/jupyter/ipynb.js";
import { writeIndex, writeReport } from "../../src/jupyter/page.js";
import { groupColours } from "../../src/report/house.js";

const notebooks = readdirSync("notebooks").filter((name) => name.endsWith(".ipynb"));
const axe = createRequire(import.meta.url).resolve("axe-core");
let browser: Browser;
let folder: string;
beforeAll(async () => {
	browser = await launchBrowser();
	folder = mkdtempSync(join(tmpdir(), "pages-"));
	for (const name of notebooks)
		writeReport(readNotebook(join("notebooks", name)), join(folder, name.replace(".ipynb", ".html")), name, "shared");
	writeIndex(folder);
});
afterAll(async () => {
	await browser.close();
	rmSync(folder, { recursive: true });
});

async function opened(name: string, options: object = {}): Promise<Page> {
	// The check's own script is not the page's: its policy stands aside for this context alone.
	const page = await (await browser.newContext({ bypassCSP: true, ...options })).newPage();
	await page.goto(pathToFileURL(join(folder, name)).href);
	await page.waitForFunction(
		"[...document.querySelectorAll('.figure')].every((figure) => figure.dataset.drawn === 'true')",
	);
	return page;
}

/** Rules of axe-core that the page breaks; what plotly.js draws within a figure is its own, the figure's label is ours. */
const violations = async (page: Page, rules: readonly string[] = []) => {
	await page.addScriptTag({ path: axe });
	const options = rules.length === 0 ? {} : { runOnly: rules };
	const script = `axe.run({ include: document, exclude: [".figure > *"] }, ${JSON.stringify(options)}).then(({ violations }) =>
		violations.map(({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200)))`;
	return (await page.evaluate(script)) as readonly string[];
};

/** What sticks out of an A4 page's text width to the right: tables and figures. */
const outside = `[...document.querySelectorAll("table, pre, .figure > *, img")]
	.filter((element) => element.getBoundingClientRect().right > window.innerWidth + 2)
	.map((element) => element.tagName + " " + element.textContent.slice(0, 60))`;

describe("a folder of reports", () => {
	test("shares one plotly.js, and each page stays under 1.5 MB", () => {
		const names = readdirSync(folder);
		expect(names.filter((name) => name.startsWith("plotly-"))).toHaveLength(1);
		const large = names.filter((name) => name.endsWith(".html") && statSync(join(folder, name)).size > 1.5e6);
		expect(large).toEqual([]);
	});

	test("has an index that names each by its title", async () => {
		const page = await opened("index.html");
		expect(await violations(page)).toEqual([]);
		const links = (await page.evaluate(
			"[...document.links].map((link) => decodeURI(link.href).split('/').pop())",
		)) as string[];
		expect(links.sort()).toEqual(notebooks.map((name) => name.replace(".ipynb", ".html")).sort());
		await page.context().close();
	});

	test.each(notebooks)(
		"%s: contents, no violation of accessibility, in the dark and on A4 too",
		{ timeout: 240_000 },
		async (name) => {
			const report = name.replace(".ipynb", ".html");
			const page = await opened(report);
			const headings = readFileSync(join(folder, report), "utf8").match(/<h2 id=/g)?.length ?? 0;
			expect(await page.evaluate("document.querySelectorAll('nav a').length")).toBe(headings < 2 ? 0 : headings);
			expect(await violations(page)).toEqual([]);
			await page.emulateMedia({ colorScheme: "dark" });
			expect(await violations(page)).toEqual([]);
			// 210 mm less two margins of 14 mm, at 96 px an inch.
			await page.emulateMedia({ media: "print", colorScheme: "light" });
			await page.setViewportSize({ width: 688, height: 990 });
			expect(await page.evaluate(outside)).toEqual([]);
			expect((await page.pdf({ preferCSSPageSize: true })).subarray(0, 5).toString()).toBe("%PDF-");
			await page.context().close();
		},
	);
});

test("the checks find what they look for: a picture without words, grey on grey, a table wider than the paper", async () => {
	const page = await opened("index.html");
	await page.evaluate(`document.querySelector("main").innerHTML +=
		'<img src="data:,"><p style="color:#777;background:#666">grey</p><table><tr><td style="min-width:1200px">wide</td></tr></table>'`);
	expect((await violations(page)).map((found) => found.split(":")[0])).toEqual(["color-contrast", "image-alt"]);
	await page.emulateMedia({ media: "print" });
	await page.setViewportSize({ width: 688, height: 990 });
	expect(await page.evaluate(outside)).toHaveLength(1);
	await page.context().close();
});

test("without the shared file beside it a page says what is missing", async () => {
	const alone = mkdtempSync(join(tmpdir(), "alone-"));
	writeReport(readNotebook("notebooks/search-space.ipynb"), join(alone, "a.html"), "n", "shared");
	for (const name of readdirSync(alone)) if (name.startsWith("plotly")) rmSync(join(alone, name));
	const page = await browser.newPage();
	await page.goto(pathToFileURL(join(alone, "a.html")).href);
	expect(await page.textContent("main")).toContain("keep them together");
	await page.close();
});

describe("saveFigure", () => {
	const figure = { data: [{ type: "scatter", x: [1, 2], y: [1, 3], name: "é" }], layout: { title: { text: "ü" } } };

	test("writes SVG and PNG of the size asked for", async () => {
		await saveFigure(figure, join(folder, "f.svg"), { width: 700, height: 420 });
		const svg = readFileSync(join(folder, "f.svg"), "utf8");
		expect(svg).toMatch(/^<svg[^>]+width="700" height="420"/);
		expect(svg).toContain("ü");
		await saveFigure(figure, join(folder, "f.png"), { width: 300, height: 200, scale: 2 });
		const png = readFileSync(join(folder, "f.png"));
		expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([600, 400]);
	});

	test("refuses another ending by name", async () => {
		await expect(saveFigure(figure, join(folder, "f.gif"))).rejects.toThrow(InputError);
	});
});

test("however many groups, no two have one colour", () => {
	for (const count of [2, 8, 9, 16, 40]) {
		const names = Array.from({ length: count }, (_, index) => `group ${index}`);
		expect(new Set(groupColours(names).values()).size).toBe(count);
	}
});
