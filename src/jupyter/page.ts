import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { marked } from "marked";
import sanitizeHtml from "sanitize-html";
import { systemFault } from "../datasets/file.js";
import { InputError } from "../errors.js";
import { figureJson, plotlyMime } from "../report/house.js";
import { escapeHtml } from "../report/table.js";
import type { CellOutput, Notebook, NotebookCell } from "./ipynb.js";
import { drawScript, reportStyle } from "./pageParts.js";

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

/** Where a page has plotly.js from: a file beside it that all pages of a folder share, or itself. */
export type PlotlyFrom = "shared" | "inline";

const library = createRequire(import.meta.url);
const plotlyVersion = (): string => (library("plotly.js-dist-min/package.json") as { version: string }).version;

/**
 * An executed notebook as one HTML page that needs no network: plotly.js once, every figure interactive, code folded.
 * Nothing that the notebook holds can run in it or fetch anything: text is escaped, HTML and Markdown sanitised, SVG shown as
 * a picture, and the page's own content policy lets these two scripts alone run.
 *
 * @param plotly plotly.js: the text of its browser bundle, or the name of the file beside the page that holds it
 * @throws InputError where a cell's Markdown cannot be read
 */
export function reportHtml(notebook: Notebook, plotly: string | { readonly file: string }): string {
	const title =
		notebook.cells.map((cell) => /^#[ \t]+(\S.*)$/m.exec(cell.source)?.[1]).find((heading) => heading) ?? "Report";
	const headings: { readonly id: string; readonly html: string }[] = [];
	const cells = notebook.cells
		.map(cellHtml)
		.join("\n")
		.replace(/<h2>(.*?)<\/h2>/gs, (_, html: string) => {
			const id = `part-${headings.length + 1}`;
			headings.push({ id, html: sanitizeHtml(html, { allowedTags: ["em", "strong", "code", "sub", "sup"] }) });
			return `<h2 id="${id}">${html}</h2>`;
		});
	const entries = headings.map(({ id, html }) => `<li><a href="#${id}">${html}</a></li>`).join("");
	const contents = headings.length < 2 ? "" : `<nav aria-label="Contents"><ol>${entries}</ol></nav>`;
	const about = notebook.cells.flatMap(({ cell_type, source }) =>
		cell_type === "markdown" ? source.split("\n\n") : [],
	);
	const first = about.find((text) => /^[A-Z*_"]/i.test(text.trim())) ?? "";
	const inline = typeof plotly === "string" ? plotly.replaceAll("</script", "<\\/script") : undefined;
	// Foreign cells cannot know it: it follows from all of them.
	const nonce = checksum(cells);
	const bundle =
		typeof plotly === "string"
			? `<script>${inline}</script>`
			: `<script nonce="${nonce}" src="${escapeHtml(plotly.file)}"></script>`;
	const allowed = [
		inline === undefined ? `'nonce-${nonce}'` : `'sha256-${checksum(inline)}'`,
		`'sha256-${checksum(drawScript)}'`,
	];
	return `${pageHead(title, allowed, first)}
${bundle}
</head>
<body>
${contents}
<main>
${cells}
</main>
<script>${drawScript}</script>
</body>
</html>
`;
}

const checksum = (text: string): string => createHash("sha256").update(text).digest("base64");

/** Scripts by their checksums or nonce; nothing is fetched but what the page holds, and the library beside it. */
function pageHead(title: string, scripts: readonly string[], about: string): string {
	const policy = [
		"default-src 'none'",
		`script-src ${scripts.length === 0 ? "'none'" : scripts.join(" ")}`,
		"style-src 'unsafe-inline'",
		"img-src data: blob:",
		"font-src data:",
		"base-uri 'none'",
		"form-action 'none'",
	];
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${generator}">
<meta name="description" content="${escapeHtml(
		about
			.replace(/\s+/g, " ")
			.replace(/[*_`]|\]\([^)]*\)|\[/g, "")
			.slice(0, 300),
	)}">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}</style>`;
}

/** Marks our own pages, which an index may list. */
const generator = "Sustainable-IPA";

function cellHtml(cell: NotebookCell, index: number): string {
	const field = `cells.${index}`;
	if (cell.cell_type === "markdown")
		return `<section>${markdownHtml(cell.source, `${field}.source`).replace(/<table>.*?<\/table>/gs, (table) => scrolling(table))}</section>`;
	if (cell.cell_type === "raw" || cell.source.trim() === "") return "";
	const code = `<details class="code"><summary>code</summary><pre class="code">${escapeHtml(cell.source)}</pre></details>`;
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
	if (html !== undefined) return withFolds(safeHtml(html), html);
	const svg = mimeText(data["image/svg+xml"]);
	const alt = mimeText(data["text/plain"]) ?? "A picture that the notebook shows";
	if (svg !== undefined) return imageHtml("svg+xml", Buffer.from(svg).toString("base64"), alt);
	const png = mimeText(data["image/png"]);
	if (png !== undefined) return imageHtml("png", png, alt);
	const markdown = mimeText(data["text/markdown"]);
	if (markdown !== undefined) return markdownHtml(markdown, `${field}.data.text/markdown`);
	return `<pre>${escapeHtml(mimeText(data["text/plain"]) ?? "")}</pre>`;
}

/** HTML that scrolls in its box where it is wider than the page, by keyboard too. */
function scrolling(html: string): string {
	return `<div class="scroll" role="group" aria-label="table" tabindex="0">${html}</div>`;
}

/** A table folded under its title stays so, and scrolls within the fold. */
function withFolds(html: string, original: string): string {
	if (!original.startsWith('<details class="table">')) return scrolling(html);
	return html.replace(/^<details>(<summary>.*?<\/summary>)(.*)<\/details>$/s, (_, summary: string, table: string) => {
		return `<details class="table">${summary}${scrolling(table)}</details>`;
	});
}

function imageHtml(type: string, base64: string, alt: string): string {
	return `<img alt="${escapeHtml(alt)}" src="data:image/${type};base64,${escapeHtml(base64)}">`;
}

function figureHtml(figure: object): string {
	const { layout } = figure as {
		layout?: { height?: unknown; title?: { text?: unknown; subtitle?: { text?: unknown } } };
	};
	const height = Number(layout?.height ?? 520);
	const words = [layout?.title?.text, layout?.title?.subtitle?.text].filter((text) => typeof text === "string");
	const label = sanitizeHtml(words.join(": ").replaceAll("<br>", " "), { allowedTags: [] });
	// "<" would end the script where a label holds "</script".
	const json = figureJson(figure).replaceAll("<", "\\u003c");
	return `<div class="figure" role="figure" aria-label="${label.replaceAll('"', "&quot;") || "figure"}" style="height:${Number.isFinite(height) ? height : 520}px"></div><script type="application/json">${json}</script>`;
}

function mimeText(content: unknown): string | undefined {
	if (Array.isArray(content)) return content.join("");
	return typeof content === "string" ? content : undefined;
}

/**
 * Writes an executed notebook as an HTML page, aside first and then in place.
 *
 * @param source the notebook's file, named where a cell of it is at fault
 * @param from `inline`: one file of some 5 MB that can be sent; `shared`: plotly.js in a file beside it, written where it is
 * not there, for a folder of reports
 * @throws InputError where a cell cannot be shown, or the file cannot be written
 */
export function writeReport(notebook: Notebook, file: string, source = "notebook", from: PlotlyFrom = "inline"): void {
	const bundle = readFileSync(library.resolve("plotly.js-dist-min"), "utf8");
	try {
		const shared = `plotly-${plotlyVersion()}.min.js`;
		const html = reportHtml(notebook, from === "inline" ? bundle : { file: shared });
		if (from === "shared") writeAsideSync(join(dirname(file), shared), bundle);
		writeAsideSync(file, html);
	} catch (error) {
		if (error instanceof InputError) throw new InputError({ ...error.fault, file: source }, { cause: error.cause });
		throw systemFault(error, file);
	}
}

/**
 * Writes index.html into a folder of reports: each by its title, with its first words.
 *
 * @throws InputError where the folder cannot be read or written
 */
export function writeIndex(folder: string): void {
	const file = join(folder, "index.html");
	try {
		const reports = readdirSync(folder).filter((name) => name.endsWith(".html") && name !== "index.html");
		const items = reports.sort().flatMap((name) => {
			const head = readFileSync(join(folder, name), "utf8").slice(0, 10_000);
			if (!head.includes(`name="generator" content="${generator}"`)) return [];
			const title = /<title>(.*?)<\/title>/s.exec(head)?.[1] ?? name;
			const about = /name="description" content="([^"]*)"/.exec(head)?.[1] ?? "";
			return [`<li><a href="${encodeURIComponent(name)}">${title}</a><br>${about}</li>`];
		});
		writeAsideSync(
			file,
			`${pageHead("Reports", [], "")}\n</head>\n<body>\n<main><h1>Reports</h1>\n<ul>${items.join("\n")}</ul></main>\n</body>\n</html>\n`,
		);
	} catch (error) {
		throw systemFault(error, file);
	}
}

function writeAsideSync(file: string, text: string): void {
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(`${file}.part`, text);
	renameSync(`${file}.part`, file);
}
