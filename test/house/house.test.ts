import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { sourceFiles } from "./imports.js";

const source = resolve("src");
const files = sourceFiles(source);
const name = (file: string) => relative(source, file);

/** What the house allows. */
const most_files = 280;

test("src has no more files than it may", () => {
	expect(files.length).toBeLessThanOrEqual(most_files);
});

test("no two files of src have the same name", () => {
	const names = files.map((file) => basename(file));
	const doubled = new Set(names.filter((own, i) => names.indexOf(own) !== i));
	expect([...doubled].sort()).toEqual([]);
});

test("report alone rounds for the eye", () => {
	const rounding = files.filter(
		(file) => !name(file).startsWith("report/") && /\.toFixed\(/.test(readFileSync(file, "utf8")),
	);
	expect(rounding.map(name)).toEqual([]);
});

test("no file imports itself by way of others, types included", () => {
	const edges = new Map(files.map((file) => [file, importsOf(file, readFileSync(file, "utf8"))]));
	expect(cyclesOf(edges).map((cycle) => cycle.map(name).join(" > "))).toEqual([]);
});

test("the checker of cycles finds one, by a type import too, and lets a diamond be", () => {
	const graph = (edges: Readonly<Record<string, readonly string[]>>) => cyclesOf(new Map(Object.entries(edges)));
	expect(graph({ a: ["b"], b: ["c"], c: ["b"] })).toEqual([["b", "c", "b"]]);
	expect(graph({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] })).toEqual([]);
	const units = importsOf(resolve(source, "x.ts"), 'import type { Kind } from "./units.js";');
	expect(units).toEqual([resolve(source, "units.ts")]);
});

/** The files of src that a file imports, types included. */
function importsOf(file: string, text: string): string[] {
	const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
	return [...code.matchAll(/\bfrom\s*["'](\.[^"']+)\.js["']/g)]
		.map(([, specifier]) => resolve(dirname(file), `${specifier}.ts`))
		.filter((target) => existsSync(target));
}

/** Each cycle that a walk from every file meets, once: its files, the first again at its end. */
function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[][] {
	const done = new Set<string>();
	const path: string[] = [];
	const cycles: string[][] = [];
	const walk = (file: string) => {
		const at = path.indexOf(file);
		if (at >= 0) cycles.push([...path.slice(at), file]);
		if (at >= 0 || done.has(file)) return;
		path.push(file);
		for (const next of edges.get(file) ?? []) walk(next);
		path.pop();
		done.add(file);
	};
	for (const file of edges.keys()) walk(file);
	return cycles;
}
