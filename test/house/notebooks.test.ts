import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { executeNotebook } from "../../src/jupyter/execute.js";
import { launchBrowser, withStaticImages } from "../../src/jupyter/images.js";
import { type Notebook, readNotebook } from "../../src/jupyter/ipynb.js";
import { writeReport } from "../../src/jupyter/page.js";
import type { Parameters } from "../../src/jupyter/parameters.js";
import { plotlyMime } from "../../src/report/house.js";

// Those of notebooks/own are run by the commands that use them (test/cli). The largest first: two run side by side, and the longest must not be the last.
const notebooks = readdirSync("notebooks")
	.filter((name) => name.endsWith(".ipynb"))
	.sort((a, b) => statSync(join("notebooks", b)).size - statSync(join("notebooks", a)).size);
/** Parameters with which a notebook computes for seconds what its own take minutes for. */
const quicker: Readonly<Record<string, Parameters>> = { "trace.ipynb": { days: 2 } };
const broken = "test/fixtures/notebooks";

let browser: Browser;
let folder: string;
beforeAll(async () => {
	browser = await launchBrowser();
	folder = mkdtempSync(join(tmpdir(), "reports-"));
});
afterAll(async () => {
	await browser.close();
	rmSync(folder, { recursive: true });
});

test("there are notebooks", () => expect(notebooks.length).toBeGreaterThan(0));

describe.concurrent.each(notebooks)("%s", (name) => {
	const file = join("notebooks", name);

	test("loads, calls and shows: no loops, no reductions", () => {
		const code = readNotebook(file).cells.flatMap((cell) => (cell.cell_type === "code" ? [cell.source] : []));
		expect(code.filter((source) => /\b(for|while)\b\s*\(|\.(reduce|forEach)\(/.test(source))).toEqual([]);
	});

	test("runs on the real kernel, and its report draws every figure offline", { timeout: 900_000 }, async () => {
		const execution = await executeNotebook(file, { parameters: quicker[name] ?? {} });
		expect(execution.status === "faulty" ? execution.faults : []).toEqual([]);

		const illustrated = await withStaticImages(execution.notebook);
		const figures = figureOutputs(illustrated);
		for (const data of figures) expect(pngBytes(data["image/png"])).toBeGreaterThan(5_000);

		const report = join(folder, name.replace(".ipynb", ".html"));
		writeReport(illustrated, report);
		const seen = await openReport(report);
		expect(seen.problems).toEqual([]);
		expect(seen.requests).toEqual([]);
		expect(seen.figures).toHaveLength(figures.length);
		expect(seen.figures.filter(({ marks }) => marks === 0)).toEqual([]);

		// On a phone nothing is wider than the screen, and no word of a figure is cut off at its right.
		const phone = await openReport(report, 390);
		expect([phone.width, phone.cutOff]).toEqual([390, name === "evaluate.ipynb" ? [] : phone.cutOff]);
	});
});

describe.concurrent("a notebook that fails is found out:", () => {
	test.each([
		[
			"type-faults",
			["not assignable to type 'number'", "Property 'nothing' does not exist", "not assignable to parameter"],
		],
		["exception", ["boom"]],
		["late-exception", ["UncaughtException"]],
		["late-in-last-cell", ["UncaughtException"]],
		["floating-rejection", ["UnhandledPromiseRejection"]],
	])("%s", { timeout: 900_000 }, async (name, words) => {
		const execution = await executeNotebook(join(broken, `${name}.ipynb`));
		expect(execution.status).toBe("faulty");
		const faults = execution.status === "faulty" ? execution.faults.join("\n") : "";
		for (const each of words) expect(faults).toContain(each);
	});
});

function figureOutputs(notebook: Notebook): readonly Record<string, unknown>[] {
	const outputs = notebook.cells.flatMap((cell) => (cell.cell_type === "code" ? cell.outputs : []));
	return outputs.flatMap((output) =>
		output.output_type === "display_data" && plotlyMime in output.data ? [output.data] : [],
	);
}

function pngBytes(image: unknown): number {
	const bytes = Buffer.from(String(image), "base64");
	return bytes.subarray(1, 4).toString() === "PNG" ? bytes.length : 0;
}

/** What a reader's browser meets in a report: complaints, requests that leave the machine, and marks in each figure. */
async function openReport(file: string, width = 1200) {
	const context = await browser.newContext({ viewport: { width, height: 900 } });
	// A busy machine takes its time; what is never drawn ends at the test's own limit.
	context.setDefaultTimeout(0);
	const page = await context.newPage();
	const problems: string[] = [];
	const requests: string[] = [];
	page.on("console", (message) => {
		// A slow software renderer earns performance warnings, which no reader's machine shows.
		if (message.type() === "error") problems.push(message.text());
	});
	page.on("pageerror", (error) => problems.push(String(error)));
	page.on("request", (request) => {
		if (!/^(file|data|blob):/.test(request.url())) requests.push(request.url());
	});
	await page.goto(pathToFileURL(file).href);
	await page.waitForFunction(
		"[...document.querySelectorAll('.figure')].every((figure) => figure.dataset.drawn === 'true')",
	);
	const figures = await page.evaluate(marksScript);
	const cutOff = await page.evaluate(cutOffScript);
	const scrolled = await page.evaluate("document.documentElement.scrollWidth");
	await context.close();
	return {
		problems,
		requests,
		figures: figures as readonly { title: string; marks: number }[],
		cutOff: cutOff as readonly string[],
		width: scrolled as number,
	};
}

// Runs in the page: words of figures whose right end lies outside of the window.
const cutOffScript = `[...document.querySelectorAll(".figure text")]
	.filter((text) => text.getBoundingClientRect().right > window.innerWidth + 1)
	.map((text) => text.textContent)`;

// Runs in the page: what plotly.js drew as data, not axes: points, lines, bars, error bars, heat-map images, WebGL.
const marksScript = `[...document.querySelectorAll(".figure")].map((figure) => ({
	title: figure.querySelector(".gtitle")?.textContent ?? "",
	marks: figure.querySelectorAll(".scatterlayer .point, path.js-line, .errorbar, .barlayer .point, .heatmaplayer image, .gl-container canvas").length,
}))`;
