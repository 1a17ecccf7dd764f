import { parse } from "yaml";
import { readBytes } from "../../datasets/file.js";
import { InputError } from "../../errors.js";

/**
 * Content of one of IPA's YAML files, as PyYAML reads them: YAML 1.1 (`no` is false, `1:30` is 90), and of a repeated key
 * the last one, which several of IPA's own files need.
 *
 * @throws InputError where the file is missing or is not YAML
 */
export async function readIpaYaml(file: string): Promise<unknown> {
	const text = (await readBytes(file)).toString("utf8");
	try {
		return parse(text, { version: "1.1", uniqueKeys: false });
	} catch (cause) {
		const line = (cause as { linePos?: { line: number }[] }).linePos?.[0]?.line;
		throw new InputError({ file, ...(line === undefined ? {} : { line }), rule: "must be YAML" }, { cause });
	}
}
