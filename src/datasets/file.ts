import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { cp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { InputError } from "../errors.js";
import { type JsonOptions, parseJson, parseYaml, type YamlOptions } from "./parseText.js";

/** Largest file read, bytes: the shipped tables have a few megabytes, and all of a file is held in memory. */
const maxBytes = 256 * 1024 * 1024;

/** Bytes of a file. Throws InputError where it is missing, is a folder, cannot be read or is over 256 MiB. */
export async function readBytes(file: string): Promise<Buffer> {
	try {
		const { size } = await stat(file);
		if (size > maxBytes) throw new InputError({ file, rule: `must have at most ${maxBytes} bytes`, value: size });
		return await readFile(file);
	} catch (cause) {
		if (cause instanceof InputError) throw cause;
		throw unreadable(file, cause);
	}
}

/** Whether it is a folder; a path that is not there is the file reader's to refuse. */
export async function isFolder(path: string): Promise<boolean> {
	return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Why a file cannot be read. */
export function unreadable(file: string, cause: unknown): InputError {
	const { code } = cause as NodeJS.ErrnoException;
	const rule = code === "ENOENT" ? "must exist" : code === "EISDIR" ? "must be a file" : "must be readable";
	return new InputError({ file, rule, ...(code === undefined ? {} : { value: code }) }, { cause });
}

/** Content of a YAML file; InputError where it is not YAML (repeated keys included) or more than parseYaml reads. */
export async function readYaml(file: string, options: YamlOptions = {}): Promise<unknown> {
	return parseYaml(file, (await readBytes(file)).toString("utf8"), options);
}

/** Content of a JSON file; InputError where it is not JSON, as parseJson has it. */
export async function readJson(file: string, options: JsonOptions = {}): Promise<unknown> {
	return parseJson(file, (await readBytes(file)).toString("utf8"), options);
}

/**
 * Writes a file aside first and then in its place, so that no half-written one is ever seen.
 *
 * @throws InputError where the folder is not there or nothing can be written
 */
export async function writeAside(file: string, content: string | Buffer | Iterable<string>): Promise<void> {
	const aside = `${file}.part`;
	try {
		await pipeline(
			Readable.from(typeof content === "string" || Buffer.isBuffer(content) ? [content] : content),
			createWriteStream(aside),
		);
		await rename(aside, file);
	} catch (cause) {
		await rm(aside, { force: true }).catch(() => undefined);
		throw systemFault(cause, file);
	}
}

const refusals: Readonly<Record<string, string>> = {
	ENOENT: "must be in a folder that exists",
	ENOTDIR: "must be in a folder, not under a file",
	EACCES: "must be where this user may read and write",
	EPERM: "must be where this user may read and write",
	EROFS: "must be where this user may read and write: the file system is read-only",
	ENOSPC: "must have room: the disk is full",
	EISDIR: "must be a file, not a folder",
	ENAMETOOLONG: "must have a shorter name",
};

/** What the operating system refused, as an error of the user's file (`file`, or the one it names); any other as it is. */
export function systemFault(error: unknown, file?: string): unknown {
	const { code, syscall, path } = error as NodeJS.ErrnoException;
	if (!(error instanceof Error) || error instanceof InputError || code === undefined || syscall === undefined)
		return error;
	const rule = syscall === "open" && code === "ENOENT" && file === undefined ? "must exist" : refusals[code];
	return new InputError(
		{ file: file ?? path ?? syscall, rule: rule ?? "must be readable and writable", value: code },
		{ cause: error },
	);
}

/** Largest content that a compressed file may unfold to, bytes: the shipped trace of 21 days unfolds to 5 MB. */
const maxBytesGunzip = 64 * 1024 * 1024;

/** The bytes, unfolded where they are gzip data; InputError where that is cut off, damaged or too large. */
export function gunzip(file: string, bytes: Buffer): Buffer {
	if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
	try {
		return gunzipSync(bytes, { maxOutputLength: maxBytesGunzip });
	} catch (cause) {
		const rule =
			(cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE"
				? `must unfold to at most ${maxBytesGunzip} bytes`
				: "must be whole gzip data (it is cut off or damaged)";
		throw new InputError({ file, rule }, { cause });
	}
}

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
