import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import * as face from "../../src/index.js";
import { sourceFiles } from "./imports.js";

/** A function of the public face: its name there, where it stands, and the example of its doc comment. */
interface PublicFunction {
	readonly name: string;
	readonly file: string;
	readonly example: string | undefined;
}

const texts = sourceFiles(resolve("src")).map((file) => ({ file, text: readFileSync(file, "utf8") }));

/** Most names of the public face, members of groups counted one by one. */
const most_names = 120;

const members = Object.entries(face as Readonly<Record<string, unknown>>).flatMap(([group, value]) =>
	typeof value === "object" && value !== null
		? Object.entries(value).map(([name, member]) => ({ name: `${group}.${name}`, member }))
		: [{ name: group, member: value }],
);
const functions = members.flatMap(({ name, member }) =>
	typeof member === "function" && !/^class\b/.test(String(member)) ? [documented(name, member.name)] : [],
);

/** The doc comment right above the function of that name, wherever it is declared. */
function documented(name: string, declared: string): PublicFunction {
	const declaration = new RegExp(`(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/)\\s*export (?:async )?function ${declared}\\b`);
	const found = texts.flatMap(({ file, text }) => {
		const [, comment] = declaration.exec(text) ?? [];
		return comment === undefined ? [] : [{ file: relative(".", file), example: exampleOf(comment) }];
	});
	return { name, ...(found[0] ?? { file: "undocumented", example: undefined }) };
}

function exampleOf(comment: string): string | undefined {
	const lines = comment
		.slice(3, -2)
		.split("\n")
		.map((line) => line.replace(/^\s*\* ?/, ""));
	const at = lines.findIndex((line) => /^\s*@example\b/.test(line));
	if (at < 0) return undefined;
	const end = lines.findIndex((line, i) => i > at && /^@\w/.test(line));
	const own = lines.slice(at, end < 0 ? undefined : end).join("\n");
	return own.replace(/^\s*@example/, "").trim();
}

/**
 * An example as a program: a line that ends in `// → value` says what the expression before it is, one in `// throws "text"`
 * what it throws; `expected` and `thrown` check them.
 */
function programOf(example: string): string {
	return example
		.split("\n")
		.map((line) => {
			const [, value, expected] = /^(.*?);?\s*\/\/ → (.*)$/.exec(line) ?? [];
			if (value !== undefined) return `await expected(${value}, ${expected});`;
			const [, call, message] = /^(.*?);?\s*\/\/ throws (".*")$/.exec(line) ?? [];
			return call === undefined ? line : `await thrown(async () => ${call}, ${message});`;
		})
		.join("\n");
}

type Program = (...given: readonly unknown[]) => Promise<void>;
const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (...text: string[]) => Program;

async function run(example: string): Promise<number> {
	let checked = 0;
	const expected = async (value: unknown, wanted: unknown) => {
		checked++;
		expect(await value).toEqual(wanted);
	};
	const thrown = async (call: () => Promise<unknown>, message: string) => {
		checked++;
		await expect(call()).rejects.toThrow(message);
	};
	const names = Object.keys(face);
	const program = new AsyncFunction(...names, "expected", "thrown", programOf(example));
	await program(...names.map((name) => (face as Readonly<Record<string, unknown>>)[name]), expected, thrown);
	return checked;
}

test("the public face has no more names than it may", () => {
	expect(members.length).toBeLessThanOrEqual(most_names);
});

test("every public function has an example in its doc comment", () => {
	expect(functions.filter(({ example }) => example === undefined).map(({ name, file }) => `${name} (${file})`)).toEqual(
		[],
	);
});

describe("examples come true", () => {
	for (const { name, example } of functions)
		if (example !== undefined)
			test(name, async () => {
				expect(await run(example), "a line that says what comes out").toBeGreaterThan(0);
			});
});

test("an example that is wrong is found, and so is one that says nothing", async () => {
	await expect(run("const rows = [1];\nrows.length; // → 2")).rejects.toThrow(/expected 1 to deeply equal 2/);
	await expect(run('seeded(1)(); // throws "no"')).rejects.toThrow();
	expect(await run("const rows = [1];")).toBe(0);
});
