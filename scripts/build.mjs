// Compiles src into dist, under programs that run from it: aside first, then each file that differs takes its place in one
// step, so that none is ever seen half written. Where the sources are those of the last build nothing is touched.
// With --verdict where no compiler is installed: types are stripped, not checked; no declarations, no groups.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { writeSubpaths } from "./subpaths.mjs";

const mark = "dist/.source";
const filesUnder = (folder) =>
	readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(folder, name)).isFile());

const hash = createHash("sha256");
for (const file of [
	"tsconfig.json",
	"tsconfig.build.json",
	"package-lock.json",
	"scripts/build.mjs",
	"scripts/subpaths.mjs",
	...filesUnder("src")
		.sort()
		.map((name) => join("src", name)),
])
	hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
const source = hash.digest("hex");

const stripped = process.argv.includes("--verdict") && !existsSync("node_modules/typescript");
const own = stripped ? `${source} stripped` : source;
const there = existsSync("dist/cli/main.js") && existsSync(mark) ? readFileSync(mark, "utf8") : "";
if (there !== source && there !== own) build();

function build() {
	const aside = `dist.part-${process.pid}`;
	try {
		if (stripped) stripTypes(aside);
		else compile(aside);
		const made = filesUnder(aside);
		for (const name of made) {
			const [from, to] = [join(aside, name), join("dist", name)];
			if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue;
			mkdirSync(dirname(to), { recursive: true });
			renameSync(from, to);
		}
		chmodSync("dist/cli/main.js", 0o755);
		const kept = new Set([...made, ".source"]);
		for (const name of filesUnder("dist")) if (!kept.has(name)) rmSync(join("dist", name));
		writeFileSync(`${aside}/source`, own);
		renameSync(`${aside}/source`, mark);
	} catch (error) {
		// The compiler has told what is wrong.
		process.exitCode = error.status ?? 1;
		if (error.status === undefined) throw error;
	} finally {
		rmSync(aside, { recursive: true, force: true });
	}
}

function compile(aside) {
	execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", aside], {
		stdio: "inherit",
	});
	bundleStdlib(`${aside}/statistics/distributions.js`);
	if (existsSync(`${aside}/index.js`)) writeSubpaths(aside);
}

function stripTypes(aside) {
	const entryPoints = filesUnder("src").map((name) => join("src", name));
	buildSync({ entryPoints, outdir: aside, outbase: "src", format: "esm", platform: "node", logLevel: "warning" });
}

/** stdlib's four functions come in 200 packages: their code goes into the one file that imports them, licences included. */
function bundleStdlib(file) {
	if (existsSync(file))
		buildSync({
			entryPoints: [file],
			outfile: file,
			allowOverwrite: true,
			bundle: true,
			format: "esm",
			platform: "node",
			banner: {
				js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);',
			},
			sourcemap: true,
			legalComments: "eof",
			logLevel: "warning",
		});
}
