import { marked } from "marked";
import { plotlyMime } from "./figure.js";
import { escapeHtml } from "./html.js";
import type { CellOutput, Notebook, NotebookCell } from "./ipynb.js";
import { reportStyle } from "./reportStyle.js";

/**
 * An executed notebook as one HTML page that needs no network: plotly.js once, every figure interactive, code folded.
 * @param plotlySource plotly.js, the text of its browser bundle.
 */
export function reportHtml(notebook: Notebook, plotlySource: string): string {
	const title =
		notebook.cells.map((cell) => /^#\s+(.+)$/m.exec(cell.source)?.[1]).find((heading) => heading) ?? "Report";
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}</style>
<script>${plotlySource.replaceAll("</script", "<\\/script")}</script>
</head>
<body>
<main>
${notebook.cells.map(cellHtml).join("\n")}
</main>
<script>${drawScript}</script>
</body>
</html>
`;
}

const drawScript = `
/* A phone cannot hold a figure's caption and margins: the words go above it, and what is in it gets smaller. */
function narrow(element, data, layout) {
	const { text, subtitle } = layout.title ?? {};
	const words = document.createElement("p");
	words.className = "caption";
	words.innerHTML = (text ?? "") + "<br>" + (subtitle?.text ?? "").replaceAll("<br>", " ");
	element.before(words);
	const top = layout.xaxis?.side === "top" ? 50 : 16;
	const saved = (layout.margin?.t ?? top) - top;
	layout.title = undefined;
	layout.margin = { ...layout.margin, t: top, l: 10, r: 8 };
	layout.font = { ...layout.font, size: 10 };
	if (layout.legend === undefined || layout.legend.orientation !== "h") layout.legend = { ...layout.legend, orientation: "h", x: 0, y: -0.25 };
	if (layout.height) element.style.height = (layout.height -= saved) + "px";
	for (const trace of data) if (trace.textfont) trace.textfont.size = 9;
}
for (const element of document.querySelectorAll(".figure")) {
	const { data, layout } = JSON.parse(element.nextElementSibling.textContent);
	if (element.clientWidth < 700) narrow(element, data, layout);
	Plotly.newPlot(element, data, layout, { responsive: true, displaylogo: false }).then(() => {
		element.dataset.drawn = "true";
	});
}
`;

function cellHtml(cell: NotebookCell): string {
	if (cell.cell_type === "markdown") return `<section>${marked.parse(cell.source, { async: false })}</section>`;
	if (cell.cell_type === "raw" || cell.source.trim() === "") return "";
	const code = `<details><summary>code</summary><pre class="code">${escapeHtml(cell.source)}</pre></details>`;
	return `<section>${cell.outputs.map(outputHtml).join("\n")}${code}</section>`;
}

function outputHtml(output: CellOutput): string {
	if (output.output_type === "stream") return `<pre class="${output.name}">${escapeHtml(output.text)}</pre>`;
	if (output.output_type === "error") return `<pre class="stderr">${escapeHtml(output.evalue)}</pre>`;
	const { data } = output;
	const figure = data[plotlyMime];
	if (figure !== undefined) return figureHtml(figure);
	const rich = mimeText(data["text/html"]) ?? mimeText(data["image/svg+xml"]);
	if (rich !== undefined) return `<div class="scroll">${rich}</div>`;
	const png = mimeText(data["image/png"]);
	if (png !== undefined) return `<img alt="" src="data:image/png;base64,${png}">`;
	const markdown = mimeText(data["text/markdown"]);
	if (markdown !== undefined) return marked.parse(markdown, { async: false });
	return `<pre>${escapeHtml(mimeText(data["text/plain"]) ?? "")}</pre>`;
}

function figureHtml(figure: unknown): string {
	const height = (figure as { layout?: { height?: number } }).layout?.height ?? 520;
	// "<" would end the script where a label holds "</script".
	const json = JSON.stringify(figure).replaceAll("<", "\\u003c");
	return `<div class="figure" style="height:${Number(height)}px"></div><script type="application/json">${json}</script>`;
}

function mimeText(content: unknown): string | undefined {
	if (Array.isArray(content)) return content.join("");
	return typeof content === "string" ? content : undefined;
}
