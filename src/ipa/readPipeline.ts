import { readFile } from "node:fs/promises";
import { pipelineFile } from "../datasets/pipelineFile.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { parseSpec } from "./specJson.js";

/** Reads a pipeline's JSON file (docs/protocol.md), or that of IPA's Video pipeline where none is named. */
export async function readPipeline(file?: string): Promise<PipelineSpec> {
	const path = pipelineFile(file);
	return parseSpec(path, await readFile(path, "utf8"));
}
