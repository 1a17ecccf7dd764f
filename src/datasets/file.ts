import { readFile, stat } from "node:fs/promises";
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
		const { code } = cause as NodeJS.ErrnoException;
		const rule = code === "ENOENT" ? "must exist" : code === "EISDIR" ? "must be a file" : "must be readable";
		throw new InputError({ file, rule, ...(code === undefined ? {} : { value: code }) }, { cause });
	}
}

/** Content of a YAML file; InputError where it is not YAML (repeated keys included) or more than parseYaml reads. */
export async function readYaml(file: string, options: YamlOptions = {}): Promise<unknown> {
	return parseYaml(file, (await readBytes(file)).toString("utf8"), options);
}

/** Content of a JSON file; InputError where it is not JSON, as parseJson has it. */
export async function readJson(file: string, options: JsonOptions = {}): Promise<unknown> {
	return parseJson(file, (await readBytes(file)).toString("utf8"), options);
}
