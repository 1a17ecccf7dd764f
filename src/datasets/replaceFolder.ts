import { rename, rm } from "node:fs/promises";

/**
 * Renames a folder to a name that may be taken. A folder cannot be renamed onto another that holds files, so the old one
 * steps aside first, and comes back where the renaming fails.
 */
export async function replaceFolder(from: string, to: string): Promise<void> {
	const old = `${to}.old`;
	await rm(old, { recursive: true, force: true });
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
	await rm(old, { recursive: true, force: true });
}
