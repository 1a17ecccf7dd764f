import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { drawFigures, launchBrowser } from "../../src/jupyter/images.js";
import { type Notebook, parseNotebook, readNotebook } from "../../src/jupyter/ipynb.js";
import { markdownHtml, safeHtml, writeReport } from "../../src/jupyter/page.js";
import { plotlyMime } from "../../src/report/house.js";

let browser: Browser;
let folder: string;
let server: Server;
let site: string;
let asked: string[];
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "report-"));
	browser = await launchBrowser();
	asked = [];
	server = createServer((request, response) => {
		asked.push(String(request.url));
		response.end("x");
	});
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
	site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
	await browser.close();
	server.close();
});

const ran = "document.title='ran'";
const notebookOf = (outputs: readonly object[], markdown = "# Title"): Notebook =>
	parseNotebook(
		JSON.stringify({
			nbformat: 4,
			cells: [
				{ cell_type: "markdown", source: markdown },
				{ cell_type: "code", source: "1", outputs },
			],
		}),
		"n",
	);
const display = (data: object): object => ({ output_type: "display_data", data, metadata: {} });

/** What happens when the report of a notebook is opened, in a browser that could ask anyone. */
async function opened(notebook: Notebook) {
	const file = join(folder, "report.html");
	writeReport(notebook, file);
	const page = await browser.newPage();
	const left: string[] = [];
	page.on("request", (request) => {
		if (!/^(file|data|blob):/.test(request.url())) left.push(request.url());
	});
	await page.goto(pathToFileURL(file).href);
	await page.waitForTimeout(300);
	const title = await page.title();
	const url = page.url();
	const drawn = await page.evaluate("[...document.querySelectorAll('.figure')].map(({ dataset }) => dataset.drawn)");
	await page.close();
	return { title, left, drawn, moved: url !== pathToFileURL(file).href, html: readFileSync(file, "utf8") };
}

describe("nothing that a notebook holds runs in its report, or asks anyone", () => {
	test("the stream whose name is a script", async () => {
		const { title, html } = await opened(readNotebook("test/fixtures/faults/notebook-stream-name.ipynb"));
		expect(title).toBe("Report");
		expect(html).not.toContain(ran);
	});

	test("HTML, Markdown, SVG, a picture's data, an error and a figure", async () => {
		const hostile = [
			`<script>${ran}</script><img src=x onerror="${ran}"><svg onload="${ran}"></svg><a href="javascript:${ran}">x</a>`,
			`<meta http-equiv="refresh" content="0;url=${site}/refresh"><iframe src="${site}/frame"></iframe>`,
			`<img src="${site}/img"><link rel=stylesheet href="${site}/css"><form action="${site}/form"><input autofocus onfocus="${ran}"></form>`,
			`<style>@import url(${site}/import); body { background: url(${site}/style) }</style><p style="background:url(${site}/inline)">p</p>`,
			`<object data="${site}/object"></object><base href="${site}/"><video src="${site}/video" autoplay></video>`,
		].join("\n");
		const figure = {
			data: [
				{
					x: [1],
					y: [1],
					text: [`<script>${ran}</script>`],
					name: `</script><script>${ran}</script>`,
					type: "scatter",
				},
			],
			layout: {
				title: { text: `<img src=x onerror=${ran}>` },
				images: [{ source: `${site}/figure.png`, x: 0, y: 1, sizex: 1, sizey: 1 }],
				height: `1px;background:url(${site}/height)`,
			},
		};
		const outputs = [
			display({ "text/html": hostile }),
			display({ "text/markdown": hostile }),
			display({
				"image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg"><script>${ran}</script><image href="${site}/svg"/></svg>`,
			}),
			display({ "image/png": `"><script>${ran}</script>` }),
			display({ [plotlyMime]: figure }),
			display({ [plotlyMime]: null, "text/plain": `<script>${ran}</script>` }),
			{ output_type: "error", ename: "E", evalue: `<script>${ran}</script>`, traceback: [] },
			{ output_type: "stream", name: `x" onmouseover="${ran}`, text: `<script>${ran}</script>` },
		];
		const { title, left, moved, drawn } = await opened(
			notebookOf(outputs, `# <b onclick="${ran}">Title</b>\n\n${hostile}`),
		);
		expect(title).toContain("Title");
		expect({ left, moved, asked, drawn }).toEqual({ left: [], moved: false, asked: [], drawn: ["true"] });
	});

	test("the page's own policy lets its two scripts run and nothing else, whatever the sanitiser let through", async () => {
		const { html } = await opened(notebookOf([]));
		const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? "";
		expect(policy).toMatch(
			/default-src 'none'.*script-src 'sha256-\S+' 'sha256-\S+';.*base-uri 'none'; form-action 'none'/,
		);
		expect(policy).not.toMatch(/script-src[^;]*unsafe/);
		const file = join(folder, "through.html");
		writeFileSync(
			file,
			html.replace("<main>", `<main><script>${ran}</script><img src="${site}/through"><img src=x onerror="${ran}">`),
		);
		const page = await browser.newPage();
		await page.goto(pathToFileURL(file).href);
		await page.waitForTimeout(200);
		expect([await page.title(), asked]).toEqual(["Title", []]);
		await page.close();
	});

	test("static images are drawn without asking for the pictures that a figure names", async () => {
		const layout = { images: [{ source: `${site}/static.png`, x: 0, y: 1, sizex: 1, sizey: 1 }] };
		const [image] = await drawFigures([{ data: [{ x: [1], y: [1], type: "scatter" }], layout } as never]).catch(() => [
			"",
		]);
		expect(image).toBeDefined();
		expect(asked).toEqual([]);
	});

	test("what is harmless stays: tables with their alignment, emphasis, links, pictures of their own", () => {
		const table = '<table><tr><th>a</th></tr><tr><td align="right">1</td></tr></table>';
		expect(safeHtml(table)).toBe(table);
		expect(markdownHtml("*a* [b](https://c.org) <sub>2</sub>", "f")).toBe(
			'<p><em>a</em> <a href="https://c.org">b</a> <sub>2</sub></p>\n',
		);
		expect(safeHtml('<img src="data:image/png;base64,AA==" />')).toBe('<img src="data:image/png;base64,AA==" />');
	});
});

describe("what a report cannot show is an error that names the cell", () => {
	test.each([
		["quotes 5000 levels deep", readNotebook("test/fixtures/faults/notebook-quotes-deep.ipynb"), "cells.0.source"],
		[
			"lists 5000 deep",
			notebookOf(
				[],
				Array.from({ length: 5000 }, (_, i) => `${" ".repeat(2 * i)}- a`)
					.join("\n")
					.slice(0, 99_000),
			),
			"cells.0",
		],
		["Markdown of a megabyte", notebookOf([], "a ".repeat(600_000)), "cells.0.source"],
		["an output of Markdown, too", notebookOf([display({ "text/markdown": "> ".repeat(5000) })]), "cells.1.outputs.0"],
	])("%s", (name, notebook, field) => {
		const run = () => writeReport(notebook, join(folder, "deep.html"), "deep.ipynb");
		if (name.startsWith("lists")) {
			// Deep lists are few levels for this reader: an answer, or the error.
			try {
				run();
			} catch (error) {
				expect((error as Error).message).toContain(`deep.ipynb, ${field}`);
			}
		} else expect(run).toThrow(`deep.ipynb, ${field}`);
	});

	test("a notebook that is not there, is a folder, holds NaN, or nests without end", () => {
		expect(() => readNotebook(join(folder, "nosuch.ipynb"))).toThrow("nosuch.ipynb: must exist");
		expect(() => readNotebook(folder)).toThrow("must be a file");
		expect(() => parseNotebook('{"cells": [NaN]}', "n.ipynb")).toThrow("n.ipynb:1:12: must be JSON: NaN");
		expect(() => parseNotebook(`{"cells": ${"[".repeat(1e5)}`, "n.ipynb")).toThrow("nests at most 64 deep");
		expect(() => writeReport(notebookOf([]), join(folder, "report.html", "x.html"))).toThrow("x.html: must be");
	});
});

describe("Chromium", () => {
	test("that is a script which names a snap is passed over, with what it said", async () => {
		const bin = join(folder, "bin");
		mkdirSync(bin);
		const stub = join(bin, "chromium-browser");
		writeFileSync(stub, "#!/bin/sh\necho \"Command '$0' requires the chromium snap to be installed.\" >&2\nexit 1\n");
		chmodSync(stub, 0o755);
		vi.stubEnv("CHROMIUM", undefined);
		vi.stubEnv("PATH", bin);
		await expect(launchBrowser()).rejects.toThrow(/must hold a Chromium that runs.*requires the chromium snap/s);
		vi.stubEnv("PATH", `${bin}:/usr/bin:/usr/local/bin`);
		await (await launchBrowser()).close();
		vi.stubEnv("CHROMIUM", join(folder, "none"));
		await expect(launchBrowser()).rejects.toThrow("CHROMIUM: must hold a Chromium that runs");
		vi.unstubAllEnvs();
	});
});
