import { readBytes } from "../datasets/file.js";
import { pipelineFile } from "../datasets/pipelineFile.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { type IpaPipelineOptions, readIpaPipeline } from "./files/readIpaPipeline.js";
import { parseSpec } from "./specJson.js";

/**
 * Reads a pipeline's JSON file (docs/protocol.md) or an experiment's YAML in a checkout of IPA (docs/ipa-files.md), or
 * that of IPA's Video pipeline where none is named.
 *
 * @param options of IPA's YAML; `arrival_rate_rps` holds for both
 */
export async function readPipeline(file?: string, options: IpaPipelineOptions = {}): Promise<PipelineSpec> {
	const path = pipelineFile(file);
	if (/\.ya?ml$/.test(path)) return readIpaPipeline(path, options);
	const spec = parseSpec(path, (await readBytes(path)).toString("utf8"));
	return options.arrival_rate_rps === undefined ? spec : { ...spec, arrival_rate_rps: options.arrival_rate_rps };
}
