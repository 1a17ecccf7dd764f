import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as face from "../../src/index.js";
import * as format from "../../src/report/format.js";
import * as rawTable from "../../src/report/rawTable.js";
import * as table from "../../src/report/table.js";
import { sourceFiles } from "./imports.js";

/** A function: its name in examples, where it stands, and the example of its doc comment. */
interface Documented {
	readonly name: string;
	readonly file: string;
	readonly example: string | undefined;
}

const texts = sourceFiles(resolve("src")).map((file) => ({ file, text: readFileSync(file, "utf8") }));

/** Most names of the public face, members of groups counted one by one. */
const most_names = 120;

/** What examples may name: the public face, and, of what it shows with, how a number becomes a text. */
const scope: Readonly<Record<string, unknown>> = { ...face, report: { ...format, ...rawTable, ...table } };

const members = Object.entries(scope).flatMap(([group, value]) =>
	typeof value === "object" && value !== null
		? Object.entries(value).map(([name, member]) => ({ name: `${group}.${name}`, member }))
		: [{ name: group, member: value }],
);
const open = members.filter(({ name }) => !name.startsWith("report."));

const functions = (
	await Promise.all(
		members.map(({ name, member }) =>
			typeof member === "function" && !/^class\b/.test(String(member)) ? documented(name, member) : [],
		),
	)
).flat();

/** The doc comment right above the function, in the file that exports this very one. */
async function documented(name: string, member: { readonly name: string }): Promise<Documented> {
	const declared = member.name;
	const declaration = new RegExp(`(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/)\\s*export (?:async )?function ${declared}\\b`);
	for (const { file, text } of texts) {
		const [, comment] = declaration.exec(text) ?? [];
		if (comment !== undefined && (await import(file))[declared] === member)
			return { name, file: relative(".", file), example: exampleOf(comment) };
	}
	return { name, file: "undocumented", example: undefined };
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
 * what it throws; `expected` and `thrown` check them. What it imports, `imported` does: a made function has no loader.
 */
function programOf(example: string): string {
	return example
		.replaceAll("await import(", "await imported(")
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
	const program = new AsyncFunction(...Object.keys(scope), "expected", "thrown", "imported", programOf(example));
	await program(...Object.values(scope), expected, thrown, (name: string) => import(name));
	return checked;
}

test("the public face has no more names than it may", () => {
	expect(open.length).toBeLessThanOrEqual(most_names);
});

test("every public function has an example in its doc comment", () => {
	const without = functions.filter(({ name, example }) => example === undefined && !name.startsWith("report."));
	expect(without.map(({ name, file }) => `${name} (${file})`)).toEqual([]);
});

describe("examples come true", () => {
	// What they write is removed with its folder.
	const folder = mkdtempSync(join(tmpdir(), "examples-"));
	beforeAll(() => void vi.stubEnv("TMPDIR", folder));
	afterAll(() => {
		vi.unstubAllEnvs();
		rmSync(folder, { recursive: true });
	});
	for (const { name, example } of functions)
		if (example !== undefined)
			test(name, async () => {
				expect(await run(example), "a line that says what comes out").toBeGreaterThan(0);
			});
});

test("an example that is wrong is found, and so is one that says nothing", async () => {
	await expect(run("const rows = [1];\nrows.length; // → 2")).rejects.toThrow(/expected 1 to deeply equal 2/);
	await expect(run('words.multiplicity([]); // throws "no such text"')).rejects.toThrow();
	expect(await run("const rows = [1];")).toBe(0);
});
