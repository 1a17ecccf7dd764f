import { createHash } from "node:crypto";
import { figureJson, plotlyMime } from "./figure.js";
import { escapeHtml } from "./html.js";
import type { CellOutput, Notebook, NotebookCell } from "./ipynb.js";
import { reportStyle } from "./reportStyle.js";
import { markdownHtml, safeHtml } from "./richHtml.js";

/**
 * An executed notebook as one HTML page that needs no network: plotly.js once, every figure interactive, code folded.
 * Nothing that the notebook holds can run in it or fetch anything: text is escaped, HTML and Markdown sanitised, SVG shown as
 * a picture, and the page's own content policy lets these two scripts alone run.
 *
 * @param plotlySource plotly.js, the text of its browser bundle.
 * @throws InputError where a cell's Markdown cannot be read
 */
export function reportHtml(notebook: Notebook, plotlySource: string): string {
	const title =
		notebook.cells.map((cell) => /^#[ \t]+(\S.*)$/m.exec(cell.source)?.[1]).find((heading) => heading) ?? "Report";
	const scripts = [plotlySource.replaceAll("</script", "<\\/script"), drawScript];
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}</style>
<script>${scripts[0]}</script>
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

/** Scripts by their checksums; nothing is fetched but what the page holds. */
function contentPolicy(scripts: readonly string[]): string {
	const sums = scripts.map((script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`);
	return [
		"default-src 'none'",
		`script-src ${sums.join(" ")}`,
		"style-src 'unsafe-inline'",
		"img-src data: blob:",
		"font-src data:",
		"base-uri 'none'",
		"form-action 'none'",
	].join("; ");
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

function cellHtml(cell: NotebookCell, index: number): string {
	const field = `cells.${index}`;
	if (cell.cell_type === "markdown") return `<section>${markdownHtml(cell.source, `${field}.source`)}</section>`;
	if (cell.cell_type === "raw" || cell.source.trim() === "") return "";
	const code = `<details><summary>code</summary><pre class="code">${escapeHtml(cell.source)}</pre></details>`;
	return `<section>${cell.outputs.map((output, o) => outputHtml(output, `${field}.outputs.${o}`)).join("\n")}${code}</section>`;
}

function outputHtml(output: CellOutput, field: string): string {
	if (output.output_type === "stream")
		return `<pre class="${output.name === "stderr" ? "stderr" : "stdout"}">${escapeHtml(output.text)}</pre>`;
	if (output.output_type === "error") return `<pre class="stderr">${escapeHtml(output.evalue)}</pre>`;
	const { data } = output;
	const figure = data[plotlyMime];
	if (typeof figure === "object" && figure !== null) return figureHtml(figure);
	const html = mimeText(data["text/html"]);
	if (html !== undefined) return `<div class="scroll">${safeHtml(html)}</div>`;
	const svg = mimeText(data["image/svg+xml"]);
	if (svg !== undefined) return imageHtml("svg+xml", Buffer.from(svg).toString("base64"));
	const png = mimeText(data["image/png"]);
	if (png !== undefined) return imageHtml("png", png);
	const markdown = mimeText(data["text/markdown"]);
	if (markdown !== undefined) return markdownHtml(markdown, `${field}.data.text/markdown`);
	return `<pre>${escapeHtml(mimeText(data["text/plain"]) ?? "")}</pre>`;
}

function imageHtml(type: string, base64: string): string {
	return `<img alt="" src="data:image/${type};base64,${escapeHtml(base64)}">`;
}

function figureHtml(figure: object): string {
	const height = Number((figure as { layout?: { height?: unknown } }).layout?.height ?? 520);
	// "<" would end the script where a label holds "</script".
	const json = figureJson(figure).replaceAll("<", "\\u003c");
	return `<div class="figure" style="height:${Number.isFinite(height) ? height : 520}px"></div><script type="application/json">${json}</script>`;
}

function mimeText(content: unknown): string | undefined {
	if (Array.isArray(content)) return content.join("");
	return typeof content === "string" ? content : undefined;
}
