import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { marked } from "marked";
import sanitizeHtml from "sanitize-html";
import { systemFault } from "../datasets/file.js";
import { InputError } from "../errors.js";
import { figureJson, plotlyMime } from "../report/house.js";
import { escapeHtml } from "../report/table.js";
import type { CellOutput, Notebook, NotebookCell } from "./ipynb.js";

/** Longest Markdown of a cell, characters: its reader takes long over some texts. */
const mostMarkdown = 100_000;

/**
 * Foreign HTML as it may stand in a page: tables, text and pictures that are part of it. Scripts, styles of a page, forms,
 * frames, handlers of events, and addresses but those of links are left out.
 */
export function safeHtml(html: string): string {
	return sanitizeHtml(html, {
		allowedTags: [...sanitizeHtml.defaults.allowedTags, "img", "details", "summary", "del", "ins"],
		allowedAttributes: {
			a: ["href", "title"],
			img: ["src", "alt", "title", "width", "height"],
			"*": ["align", "colspan", "rowspan", "title"],
		},
		allowedSchemes: ["http", "https", "mailto"],
		allowedSchemesByTag: { img: ["data"] },
		allowProtocolRelative: false,
	});
}

/**
 * Markdown as HTML that may stand in a page.
 *
 * @throws InputError naming `field` where it is too long, or nests deeper than its reader can follow
 */
export function markdownHtml(markdown: string, field: string): string {
	if (markdown.length > mostMarkdown)
		throw new InputError({ file: "notebook", field, rule: `must have at most ${mostMarkdown} characters of Markdown` });
	try {
		return safeHtml(marked.parse(markdown, { async: false }));
	} catch (cause) {
		throw new InputError({ file: "notebook", field, rule: "must be Markdown that nests a few levels deep" }, { cause });
	}
}

/** The report's style sheet. */
export const reportStyle = `
body { margin: 0; background: #fff; color: #1c1c1c; font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 80px; }
h1, h2, h3 { line-height: 1.25; margin: 1.6em 0 0.5em; }
h1 { font-size: 1.9em; margin-top: 0.6em; } h2 { font-size: 1.4em; border-top: 1px solid #ddd; padding-top: 1em; }
p, ul, ol { max-width: 820px; }
blockquote { margin: 1em 0; padding: 0.2em 1em; border-left: 4px solid #0072b2; background: #f4f8fb; }
.figure { width: 100%; margin: 12px 0; }
.scroll { overflow-x: auto; } .caption { font-size: 14px; color: #555; margin: 12px 0 0; } .caption b { color: #1c1c1c; font-size: 16px; }
details.table { font-size: 14px; color: inherit; }
@media (max-width: 700px) { main { padding: 8px 14px 60px; } h1 { font-size: 1.35em; } body { font-size: 15px; } }
table { border-collapse: collapse; font-size: 14px; margin: 12px 0; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; border-bottom: 1px solid #e4e4e4; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #888; background: #fafafa; } td[align="right"] { text-align: right; white-space: nowrap; } td:not([align]):last-child { min-width: 150px; }
tbody tr:hover { background: #f4f8fb; }
pre { white-space: pre-wrap; font: 13px/1.45 ui-monospace, Menlo, Consolas, monospace; }
.code { background: #f6f6f6; padding: 10px; overflow-x: auto; } .stderr { background: #fdecea; padding: 10px; }
code { background: #f2f2f2; padding: 0 3px; font-size: 0.92em; } img { max-width: 100%; }
details { margin: 4px 0 12px; color: #666; font-size: 13px; }
@media print { details { display: none; } .figure { break-inside: avoid; } }
`;

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

/**
 * Writes an executed notebook as a self-contained HTML page, aside first and then in place.
 *
 * @param source the notebook's file, named where a cell of it is at fault
 * @throws InputError where a cell cannot be shown, or the file cannot be written
 */
export function writeReport(notebook: Notebook, file: string, source = "notebook"): void {
	const plotly = readFileSync(createRequire(import.meta.url).resolve("plotly.js-dist-min"), "utf8");
	try {
		const html = reportHtml(notebook, plotly);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(`${file}.part`, html);
		renameSync(`${file}.part`, file);
	} catch (error) {
		if (error instanceof InputError) throw new InputError({ ...error.fault, file: source }, { cause: error.cause });
		throw systemFault(error, file);
	}
}
