import { marked } from "marked";
import sanitizeHtml from "sanitize-html";
import { InputError } from "../errors.js";

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
