import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { writeAside } from "../datasets/file.js";
import { InputError } from "../errors.js";
import { missingPart } from "../parts.js";
import { type Figure, figureJson, plotlyMime } from "../report/house.js";
import type { CellOutput, Notebook } from "./ipynb.js";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

// Quiet and offline; software WebGL, so that three-dimensional figures draw on a machine without a screen.
const args = [
	"--no-sandbox",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	"--disable-default-apps",
	"--disable-domain-reliability",
	"--no-pings",
	// Whatever a figure names, nothing is looked up and no one is asked.
	"--host-resolver-rules=MAP * ~NOTFOUND",
	"--use-angle=swiftshader",
	"--enable-unsafe-swiftshader",
];

/**
 * Starts headless Chromium: the one that CHROMIUM names, or the first on the PATH that runs.
 *
 * @param more arguments after its own
 * @throws InputError where none does, with what each said: Ubuntu's chromium-browser is a script that names a snap
 * @internal its type is of a part that may be absent
 */
export async function launchBrowser(more: readonly string[] = []) {
	const { chromium } = await import("playwright-core").catch((cause) => {
		throw missingPart(["playwright-core"], "static figures", cause);
	});
	const said: string[] = [];
	for (const executablePath of chromiumPaths())
		try {
			return await chromium.launch({ executablePath, args: [...args, ...more] });
		} catch (error) {
			said.push(`${executablePath}: ${reasonOf(error as Error)}`);
		}
	throw new InputError({
		file: process.env.CHROMIUM === undefined ? "PATH" : "CHROMIUM",
		rule: ["must hold a Chromium that runs, which draws the figures (or set CHROMIUM to its path)", ...said].join("; "),
	});
}

function chromiumPaths(): string[] {
	const named = process.env.CHROMIUM;
	if (named?.includes("/")) return [named];
	const folders = (process.env.PATH ?? "").split(delimiter);
	const candidates = named === undefined ? names : [named, ...names];
	return candidates.flatMap((name) => folders.map((folder) => join(folder, name))).filter(existsSync);
}

/** What the program itself said, where it said anything, and not the library's account of it. */
function reasonOf({ message }: Error): string {
	const own = /\[err\]\s*(\S.*)/.exec(message)?.[1];
	return (own ?? message.split("\n")[0] ?? message).trim();
}

/** Width of a static image where the figure names none, px. */
const WIDTH_PX = 960;
const HEIGHT_PX = 520;
/** Device pixels per px: more would be sharper and would make the kept notebook too large for GitHub to show. */
const SCALE = 1;

/**
 * The notebook with a PNG beside every Plotly figure, drawn by plotly.js in headless Chromium: GitHub strips scripts
 * and shows images.
 *
 * @param earlier the same notebook as it was: a figure that it has drawn already is not drawn again
 * @throws InputError where a figure is to be drawn and no Chromium runs
 */
export async function withStaticImages(notebook: Notebook, earlier?: Notebook): Promise<Notebook> {
	const imageOf = new Map(earlier === undefined ? [] : outputsOf(earlier).flatMap(drawn));
	const figures = outputsOf(notebook).flatMap(figureOf);
	const fresh = figures.filter((figure) => !imageOf.has(figureJson(figure)));
	const images = await drawFigures(fresh);
	for (const [index, figure] of fresh.entries()) imageOf.set(figureJson(figure), images[index] as string);
	const illustrated = (output: CellOutput): CellOutput => {
		const image = figureOf(output).map((figure) => imageOf.get(figureJson(figure)))[0];
		if (image === undefined || !("data" in output)) return output;
		return { ...output, data: { ...(output.data as Record<string, unknown>), "image/png": image } } as CellOutput;
	};
	const cells = notebook.cells.map((cell) =>
		cell.cell_type === "code" ? { ...cell, outputs: cell.outputs.map(illustrated) } : cell,
	);
	return { ...notebook, cells };
}

function outputsOf(notebook: Notebook): readonly CellOutput[] {
	return notebook.cells.flatMap((cell) => (cell.cell_type === "code" ? cell.outputs : []));
}

/** A figure's JSON and its image, where the output has both. */
function drawn(output: CellOutput): readonly [string, string][] {
	const image = "data" in output ? (output.data as Record<string, unknown>)["image/png"] : undefined;
	return typeof image === "string" ? figureOf(output).map((figure) => [figureJson(figure), image]) : [];
}

function figureOf(output: CellOutput): readonly Figure[] {
	if (output.output_type !== "display_data" && output.output_type !== "execute_result") return [];
	const figure = output.data[plotlyMime];
	return figure === undefined ? [] : [figure as Figure];
}

/** How large a figure is drawn: px, and device pixels per px for PNG. */
export interface ImageSize {
	readonly width?: number;
	readonly height?: number;
	readonly scale?: number;
}

/** Each figure as a base64 PNG. */
export async function drawFigures(figures: readonly Figure[]): Promise<readonly string[]> {
	const urls = await imageUrls(figures, "png", {});
	return urls.map((url) => url.replace(/^data:image\/png;base64,/, ""));
}

/**
 * Writes a figure as a picture, SVG or PNG by the file's ending: for a paper or slides.
 *
 * @param size its own width and height where not given (960 x 520 px); `scale` 3 makes a PNG fit for print
 * @throws InputError where the ending is another, no Chromium runs, or the file cannot be written
 * @example
 * const figure = figures.saved([], "data/published");
 * await saveFigure(figure, "saved.pdf"); // throws "must end in .svg or .png"
 */
export async function saveFigure(figure: Figure, file: string, size: ImageSize = {}): Promise<void> {
	const format = /\.(svg|png)$/i.exec(file)?.[1]?.toLowerCase();
	if (format !== "svg" && format !== "png")
		throw new InputError({ file, rule: "must end in .svg or .png", value: file });
	const [url = ""] = await imageUrls([figure], format, size);
	const data = url.slice(url.indexOf(",") + 1);
	await writeAside(file, format === "png" ? Buffer.from(data, "base64") : decodeURIComponent(data));
}

async function imageUrls(figures: readonly Figure[], format: "png" | "svg", size: ImageSize): Promise<string[]> {
	if (figures.length === 0) return [];
	const browser = await launchBrowser();
	try {
		// A figure may name pictures elsewhere: they are not asked for.
		const page = await (await browser.newContext({ offline: true })).newPage();
		await page.addScriptTag({ path: createRequire(import.meta.url).resolve("plotly.js-dist-min") });
		const urls: string[] = [];
		for (const figure of figures) {
			const { data, layout } = JSON.parse(figureJson(figure)) as Figure;
			const { width = WIDTH_PX, height = HEIGHT_PX } = { ...figure.layout, ...size } as ImageSize;
			const url = await page.evaluate(
				([figure, size]) => (globalThis as unknown as PlotlyPage).Plotly.toImage(figure, size),
				[
					{ data, layout },
					{ format, width, height, scale: size.scale ?? SCALE },
				] as const,
			);
			urls.push(url);
		}
		return urls;
	} finally {
		await browser.close();
	}
}

interface PlotlyPage {
	readonly Plotly: { toImage(figure: object, size: object): Promise<string> };
}
