import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { replaceFolder } from "../../src/datasets/file.js";

let parent: string;
const folder = async (name: string, content: string) => {
	await mkdir(join(parent, name));
	await writeFile(join(parent, name, "content"), content);
};
const contentOf = (name: string) => readFile(join(parent, name, "content"), "utf8");

beforeEach(async () => {
	parent = await mkdtemp(join(tmpdir(), "replace-"));
});

test("takes a free name", async () => {
	await folder("new", "new");
	await replaceFolder(join(parent, "new"), join(parent, "taken"));
	expect([await readdir(parent), await contentOf("taken")]).toEqual([["taken"], "new"]);
});

test("takes the place of a folder, and leaves what lies beside it", async () => {
	await folder("new", "new");
	await folder("taken", "old");
	await folder("taken.old", "a copy of the user's");
	await folder("taken.part", "another one's");
	await replaceFolder(join(parent, "new"), join(parent, "taken"));
	expect(await readdir(parent)).toEqual(["taken", "taken.old", "taken.part"]);
	expect([await contentOf("taken"), await contentOf("taken.old")]).toEqual(["new", "a copy of the user's"]);
	// Without a provenance nothing in the old folder is known to be the program's.
	expect(await readFile(join(parent, "taken", "content.kept"), "utf8")).toBe("old");
});

test("replaces the files that the provenance lists as they are, and keeps every other: notes, folders, a file that was changed", async () => {
	const listed = (name: string, content: string) =>
		`- name: ${name}\n  sha256: ${createHash("sha256").update(content).digest("hex")}\n`;
	await mkdir(join(parent, "new"));
	await mkdir(join(parent, "taken", "figures"), { recursive: true });
	const write = (file: string, content: string) => writeFile(join(parent, file), content);
	for (const [name, text] of [
		["cells.csv", "2"],
		["details.csv", "2"],
		["provenance.yaml", "files: []"],
	] as const)
		await write(`new/${name}`, text);
	await write(
		"taken/provenance.yaml",
		`files:\n${listed("cells.csv", "1")}${listed("details.csv", "1")}${listed("journal.jsonl", "1")}`,
	);
	for (const name of ["cells.csv", "details.csv", "journal.jsonl"]) await write(`taken/${name}`, "1");
	await write("taken/details.csv", "1, and a remark of mine");
	await write("taken/note.md", "mine");
	await write("taken/figures/a.svg", "mine too");
	await replaceFolder(join(parent, "new"), join(parent, "taken"));
	const names = await readdir(join(parent, "taken"));
	expect(names.sort()).toEqual([
		"cells.csv",
		"details.csv",
		"details.csv.kept",
		"figures",
		"note.md",
		"provenance.yaml",
	]);
	const read = (name: string) => readFile(join(parent, "taken", name), "utf8");
	expect(
		await Promise.all(["cells.csv", "details.csv", "details.csv.kept", "note.md", "figures/a.svg"].map(read)),
	).toEqual(["2", "2", "1, and a remark of mine", "mine", "mine too"]);
	expect(await readdir(parent)).toEqual(["taken"]);
});

test("where the exchange fails half-way the old folder is back", async () => {
	await folder("taken", "old");
	await expect(replaceFolder(join(parent, "absent"), join(parent, "taken"))).rejects.toMatchObject({ code: "ENOENT" });
	expect([await readdir(parent), await contentOf("taken")]).toEqual([["taken"], "old"]);
});
