import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** A folder (or a file of src's root) may import from those of a lower rank, and from its own. */
const ranks: Readonly<Record<string, number>> = {
	units: 0,
	random: 0,
	table: 0,
	errors: 0,
	group: -1,
	outcome: 0,
	parts: 0.5,
	statistics: 1,
	pipeline: 1,
	search: 2,
	forecast: 2,
	carbon: 2,
	shifting: 2,
	sharing: 3,
	scaling: 2,
	directives: 2,
	energy: 2,
	inference: 2,
	evaluation: 3,
	deployment: 3,
	adaptation: 3,
	calibration: 4,
	datasets: 4,
	ipa: 5,
	profiles: 6,
	published: 7,
	measurement: 8,
	levers: 8,
	studies: 9,
	report: 10,
	jupyter: 11,
	cli: 12,
	types: 12,
	index: 13,
};

const pure = new Set([
	...["pipeline", "search", "forecast", "adaptation", "statistics", "evaluation", "deployment", "calibration"],
	...["carbon", "shifting", "sharing", "scaling", "directives"],
]);
const impure = /^(node:|fs|path|child_process|os$|execa|danfojs|playwright)/;
const impureUse = /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|process\.(?!$)\w+|require\()/;

/** Every TypeScript file under a folder. */
export function sourceFiles(folder: string): readonly string[] {
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".ts"))
		.map((name) => join(folder, name))
		.sort();
}

/** Every breach of the import direction and of purity in a source file: "search/x.ts imports evaluation/y.js: ...". */
export function importFaults(source: string, file: string, text = readFileSync(file, "utf8")): readonly string[] {
	const name = relative(source, file);
	const own = groupOf(name);
	const rank = ranks[own];
	if (rank === undefined) return [`${name}: the folder has no rank`];
	const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
	const specifiers = [...code.matchAll(/(?:\bfrom|\bimport\(?)\s*["']([^"']+)["']/g)].map(
		([, specifier]) => specifier ?? "",
	);
	const imports = specifiers.flatMap((specifier) => {
		if (!specifier.startsWith(".")) {
			const fault = pure.has(own) && impure.test(specifier);
			return fault ? [`${name} imports ${specifier}: ${own} is pure`] : danfo(name, specifier);
		}
		const target = relative(source, resolve(dirname(file), specifier));
		const group = groupOf(target);
		if (!specifier.endsWith(".js")) return [`${name} imports ${specifier}: relative imports end in .js`];
		if (group === own) return [];
		const other = ranks[group];
		return other !== undefined && other < rank ? [] : [`${name} imports ${target}: ${group} is not below ${own}`];
	});
	const use = pure.has(own) ? impureUse.exec(code) : null;
	return use === null ? imports : [...imports, `${name} uses ${use[0]}: ${own} is pure`];
}

function danfo(name: string, specifier: string): readonly string[] {
	return specifier === "danfojs-node" && name !== join("report", "frames.ts")
		? [`${name} imports danfojs-node: report/frames.ts alone does`]
		: [];
}

function groupOf(name: string): string {
	return (name.split(/[\\/]/)[0] ?? "").replace(/\.[jt]s$/, "");
}
