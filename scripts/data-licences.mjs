// Writes docs/data-licences.md from every data/raw/*/provenance.yaml: whose each data set is and on what terms it comes. With
// --check it writes nothing and ends with 1 where the page is not what it would write.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

const page = "docs/data-licences.md";
const cell = (text) => String(text).replaceAll("|", "\\|").replaceAll("\n", " ");
const rows = readdirSync("data/raw")
	.filter((name) => existsSync(`data/raw/${name}/provenance.yaml`))
	.sort()
	.map((name) => {
		const { source, licence } = parse(readFileSync(`data/raw/${name}/provenance.yaml`, "utf8"));
		if (!source || !licence) throw new Error(`data/raw/${name}/provenance.yaml must name source and licence`);
		return `| [${name}](../data/raw/${name}/README.md) | ${cell(source)} | ${cell(licence)} |`;
	});
const text = `# Whose data, on what terms

The code is under the MIT licence ([LICENSE](../LICENSE)). **The data are not ours to license**: each data set keeps its source's
terms, as its provenance.yaml tells them. "None stated: figures only" means that the source names no licence; what is here are
measured values (facts) in a form of our own, without its text or code. Whoever republishes a data set should ask its authors.
data/derived is computed from these, data/published holds settings of IPA's published runs, and data/test-image.jpg is free for
any use. This page is written by \`node scripts/data-licences.mjs\`.

| data set | source | terms |
|---|---|---|
${rows.join("\n")}
`;
if (!process.argv.includes("--check")) writeFileSync(page, text);
else if (readFileSync(page, "utf8") !== text) {
	console.error(`${page} is not of today's data: node scripts/data-licences.mjs`);
	process.exitCode = 1;
}
