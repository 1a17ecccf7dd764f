import { createHash, randomUUID } from "node:crypto";
import { cp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { readYaml } from "./file.js";

/**
 * Puts a dataset folder in the place of another that may be there. Only what the program wrote, the files that the old
 * provenance.yaml lists as they are listed, is replaced: whatever else lies in the old folder is copied over first, under
 * its name or, where that is taken, with `.kept` behind it. The old folder steps aside under a name of its own and comes
 * back where the exchange fails; interrupted at any moment, both are whole.
 */
export async function replaceFolder(from: string, to: string): Promise<void> {
	await stat(from);
	await carryOver(to, from);
	const old = `${to}.old-${randomUUID().slice(0, 8)}`;
	const replaced = await rename(to, old).then(
		() => true,
		(error: NodeJS.ErrnoException) => {
			if (error.code === "ENOENT") return false;
			throw error;
		},
	);
	try {
		await rename(from, to);
	} catch (error) {
		if (replaced) await rename(old, to);
		throw error;
	}
	if (replaced) await rm(old, { recursive: true, force: true });
}

async function carryOver(old: string, into: string): Promise<void> {
	const names = await readdir(old).catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
		throw error;
	});
	const written = await writtenFiles(old);
	const taken = new Set(await readdir(into));
	for (const name of names) {
		if (written.has(name)) continue;
		let free = name;
		for (let i = 1; taken.has(free); i++) free = `${name}.kept${i === 1 ? "" : `-${i}`}`;
		taken.add(free);
		await cp(join(old, name), join(into, free), {
			recursive: true,
			preserveTimestamps: true,
			verbatimSymlinks: true,
			errorOnExist: true,
			force: false,
		});
	}
}

/** Names of the files that the program wrote: one that was changed since is its user's. */
async function writtenFiles(folder: string): Promise<ReadonlySet<string>> {
	const found = new Set<string>();
	let listed: unknown;
	try {
		listed = await readYaml(join(folder, "provenance.yaml"));
	} catch {
		return found;
	}
	const files = (listed as { files?: unknown } | null)?.files;
	if (!Array.isArray(files)) return found;
	found.add("provenance.yaml");
	for (const { name, sha256 } of files as { name?: unknown; sha256?: unknown }[]) {
		if (typeof name !== "string" || name.includes("/")) continue;
		const content = await readFile(join(folder, name)).catch(() => undefined);
		if (content !== undefined && createHash("sha256").update(content).digest("hex") === sha256) found.add(name);
	}
	return found;
}
