import { createWriteStream } from "node:fs";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { InputError } from "../errors.js";
import { type JsonOptions, parseJson } from "./json.js";
import { parseYaml, type YamlOptions } from "./yaml.js";

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
export async function writeAside(file: string, content: string | Iterable<string>): Promise<void> {
	const aside = `${file}.part`;
	try {
		await pipeline(Readable.from(typeof content === "string" ? [content] : content), createWriteStream(aside));
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
