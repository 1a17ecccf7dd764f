import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { replaceFolder } from "../../src/datasets/replaceFolder.js";

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

test("takes the place of a folder, and of what an interrupted exchange left", async () => {
	await folder("new", "new");
	await folder("taken", "old");
	await folder("taken.old", "older");
	await replaceFolder(join(parent, "new"), join(parent, "taken"));
	expect([await readdir(parent), await contentOf("taken")]).toEqual([["taken"], "new"]);
});

test("where the exchange fails half-way the old folder is back", async () => {
	await folder("taken", "old");
	await expect(replaceFolder(join(parent, "absent"), join(parent, "taken"))).rejects.toMatchObject({ code: "ENOENT" });
	expect([await readdir(parent), await contentOf("taken")]).toEqual([["taken"], "old"]);
});
