// links.mjs FOLDER: every link within a built site leads to a file of it and to a place that it has; else each that does not, and 1.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const [site = "site"] = process.argv.slice(2);
const pages = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
const texts = new Map(pages.map((page) => [normalize(page), readFileSync(join(site, page), "utf8")]));
const leads = (page, link) => {
	const [path = "", place = ""] = link.replaceAll("&amp;", "&").split("#").map(decodeURIComponent);
	const target = path === "" ? page : normalize(join(dirname(page), path));
	if (!existsSync(join(site, target)) || !statSync(join(site, target)).isFile()) return false;
	const text = texts.get(target);
	return place === "" || text === undefined || text.includes(`id="${place}"`);
};
let links = 0;
const broken = [];
for (const [page, text] of texts)
	for (const [, link] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
		if (/^[a-z]+:/.test(link)) continue;
		links += 1;
		if (!leads(page, link)) broken.push(`${page}: ${link}`);
	}
console.log(
	`${pages.length} pages, ${links} links within them, ${broken.length} broken`,
	...broken.map((one) => `\n  ${one}`),
);
process.exitCode = broken.length === 0 && pages.length > 0 ? 0 : 1;
