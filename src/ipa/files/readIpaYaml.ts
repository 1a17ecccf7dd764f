import { readYaml } from "../../datasets/file.js";

/**
 * Content of one of IPA's YAML files, as PyYAML reads them: YAML 1.1 (`no` is false, `1:30` is 90), and of a repeated key
 * the last one, which several of IPA's own files need.
 *
 * @throws InputError where the file is missing or is not YAML
 */
export async function readIpaYaml(file: string): Promise<unknown> {
	return readYaml(file, { version: "1.1", uniqueKeys: false });
}
