import { join } from "node:path";
import { packageRoot } from "./root.js";

/** The file that --profile names, or that of IPA's Video pipeline. */
export function pipelineFile(given: string | undefined): string {
	return given ?? join(packageRoot, "data/derived/profiles/video.json");
}
