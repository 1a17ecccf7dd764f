// Subpath exports: of each group that dist/index.js exports (`export const search = { optimize, ... }`) the build makes a
// module of its own, so that `import { optimize } from "sustainable-ipa/search"` loads what the group needs and no more.
// src/index.ts stays the one place where the public face is told; a form that is not understood fails the build.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Writes groups/<group>.js and .d.ts into a compiled folder; answers the groups' names. */
export function writeSubpaths(folder) {
	const index = moduleAt(folder, "index.js");
	mkdirSync(join(folder, "groups"), { recursive: true });
	const groups = [...index.exported].filter((name) => constantOf(folder, index, name) !== undefined);
	for (const group of groups) {
		const members = membersOf(folder, index, group);
		const links = members
			.filter(({ from }) => from !== undefined)
			.map(({ name, own, from }) => `export { ${own === name ? name : `${own} as ${name}`} } from "../${from}";`);
		const values = members.filter(({ value }) => value !== undefined);
		const imports = values.length === 0 ? [] : index.code.match(/^import \{[^}]*\} from "[^"]+";$/gm);
		const used = imports.filter((line) =>
			namesIn(/\{([^}]*)\}/.exec(line)[1]).some(([own, name = own]) =>
				values.some(({ value }) => new RegExp(`\\b${name}\\b`).test(value)),
			),
		);
		const code = [
			...used.map((line) => line.replace(/from "\.\//, 'from "../')),
			...links,
			...values.map(({ name, value }) => `export const ${name} = ${value};`),
		];
		const types = [
			`/** @module sustainable-ipa/${group} */`,
			...links,
			...values.map(
				({ name }) => `export declare const ${name}: (typeof import("../face.js"))["${group}"]["${name}"];`,
			),
		];
		writeFileSync(join(folder, "groups", `${group}.js`), `${code.join("\n")}\n`);
		writeFileSync(join(folder, "groups", `${group}.d.ts`), `${types.join("\n")}\n`);
	}
	// The declarations have each group as a namespace, so that an editor shows the doc comments of what is in it: a property
	// of an object has none. What the index declared besides stands in face.d.ts.
	renameSync(join(folder, "index.d.ts"), join(folder, "face.d.ts"));
	const namespaces = groups.map((group) => `export * as ${group} from "./groups/${group}.js";`);
	writeFileSync(join(folder, "index.d.ts"), `${[...namespaces, 'export * from "./face.js";'].join("\n")}\n`);
	return groups;
}

/** What a compiled module imports by name, exports, and its text without comments. */
function moduleAt(folder, file) {
	const code = readFileSync(join(folder, file), "utf8").replace(/^\s*\/\*[\s\S]*?\*\/\n?|^\s*\/\/.*\n?/gm, "");
	const place = (specifier) => (specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : undefined);
	const names = new Map();
	const exported = new Set([...code.matchAll(/^export const (\w+) = \{/gm)].map(([, name]) => name));
	for (const [, kind, list, specifier] of code.matchAll(/^(import|export) \{([^}]*)\} from "([^"]+)";/gm))
		for (const [own, name = own] of namesIn(list)) {
			names.set(name, { own, from: place(specifier) });
			if (kind === "export") exported.add(name);
		}
	for (const [, list] of code.matchAll(/^export \{([^}]*)\};/gm))
		for (const [own, name = own] of namesIn(list)) exported.add(name);
	return { file, code, names, exported };
}

function namesIn(list) {
	return list
		.split(",")
		.map((entry) => entry.trim())
		.filter((entry) => entry !== "")
		.map((entry) => entry.split(" as "));
}

/** The text inside `export const NAME = { ... };`, here or in the module that it is from. */
function constantOf(folder, module, name) {
	const text = new RegExp(`^export const ${name} = \\{([\\s\\S]*?)\\};$`, "m").exec(module.code)?.[1];
	if (text !== undefined) return { module, text };
	const { own, from } = module.names.get(name) ?? {};
	return from === undefined || own === undefined ? undefined : constantOf(folder, moduleAt(folder, from), own);
}

/** The members of a group, each with the module that defines it, or the expression that is its value. */
function membersOf(folder, index, group) {
	const { module, text } = constantOf(folder, index, group);
	return text
		.split(/,\s*(?![^(]*\))/)
		.map((entry) => entry.trim())
		.filter((entry) => entry !== "")
		.flatMap((entry) => {
			const [, spread] = /^\.\.\.(\w+)$/.exec(entry) ?? [];
			if (spread !== undefined) return membersOf(folder, module, spread);
			const [, name, value] = /^(\w+)(?:: ([\s\S]+))?$/.exec(entry) ?? [];
			const known = module.names.get(value ?? name);
			if (known?.from !== undefined) return [{ name, own: known.own, from: known.from }];
			if (new RegExp(`^export (?:async )?(?:function|const) ${name}\\b`, "m").test(module.code))
				return [{ name, own: name, from: module.file }];
			if (value !== undefined && module === index) return [{ name, value }];
			throw new Error(`${module.file}: the group ${group} has ${entry}, which is neither imported nor told there`);
		});
}
