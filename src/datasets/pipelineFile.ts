import { join } from "node:path";
import { packageRoot } from "./root.js";

/** The pipelines of IPA whose profiles are shipped, by name. */
const shipped = ["video", "audio-qa", "audio-sent", "sum-qa", "nlp"];

/** The file that --profile names: a path, or one of IPA's pipelines by its name; that of the Video pipeline by default. */
export function pipelineFile(given = "video"): string {
	return shipped.includes(given) ? join(packageRoot, "data/derived/profiles", `${given}.json`) : given;
}
