import { createRequire } from "node:module";
import { launchBrowser } from "./browser.js";
import { type Figure, figureJson, plotlyMime } from "./figure.js";
import type { CellOutput, Notebook } from "./ipynb.js";

/** Width of a static image where the figure names none, px. */
const WIDTH_PX = 960;
const HEIGHT_PX = 520;
/** Device pixels per px: more would be sharper and would make the kept notebook too large for GitHub to show. */
const SCALE = 1;

/**
 * The notebook with a PNG beside every Plotly figure, drawn by plotly.js in headless Chromium: GitHub strips scripts
 * and shows images.
 */
export async function withStaticImages(notebook: Notebook): Promise<Notebook> {
	const figures = notebook.cells.flatMap((cell) => (cell.cell_type === "code" ? cell.outputs.flatMap(figureOf) : []));
	const images = await drawFigures(figures);
	const imageOf = new Map(figures.map((figure, index) => [figure, images[index]]));
	const illustrated = (output: CellOutput): CellOutput => {
		const image = figureOf(output).map((figure) => imageOf.get(figure))[0];
		if (image === undefined || !("data" in output)) return output;
		return { ...output, data: { ...(output.data as Record<string, unknown>), "image/png": image } } as CellOutput;
	};
	const cells = notebook.cells.map((cell) =>
		cell.cell_type === "code" ? { ...cell, outputs: cell.outputs.map(illustrated) } : cell,
	);
	return { ...notebook, cells };
}

function figureOf(output: CellOutput): readonly Figure[] {
	if (output.output_type !== "display_data" && output.output_type !== "execute_result") return [];
	const figure = output.data[plotlyMime];
	return figure === undefined ? [] : [figure as Figure];
}

/** Each figure as a base64 PNG. */
export async function drawFigures(figures: readonly Figure[]): Promise<readonly string[]> {
	if (figures.length === 0) return [];
	const browser = await launchBrowser();
	try {
		// A figure may name pictures elsewhere: they are not asked for.
		const page = await (await browser.newContext({ offline: true })).newPage();
		await page.addScriptTag({ path: createRequire(import.meta.url).resolve("plotly.js-dist-min") });
		const images: string[] = [];
		for (const figure of figures) {
			const { data, layout } = JSON.parse(figureJson(figure)) as Figure;
			const { width = WIDTH_PX, height = HEIGHT_PX } = figure.layout;
			const url = await page.evaluate(
				([figure, size]) => (globalThis as unknown as PlotlyPage).Plotly.toImage(figure, size),
				[
					{ data, layout },
					{ format: "png", width, height, scale: SCALE },
				] as const,
			);
			images.push(url.replace(/^data:image\/png;base64,/, ""));
		}
		return images;
	} finally {
		await browser.close();
	}
}

interface PlotlyPage {
	readonly Plotly: { toImage(figure: object, size: object): Promise<string> };
}
