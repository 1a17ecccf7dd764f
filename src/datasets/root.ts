import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder that holds package.json and data/: two up from here, in src and in dist alike. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The pipelines of IPA whose profiles are shipped, by name. */
const shipped = ["video", "audio-qa", "audio-sent", "sum-qa", "nlp"];

/** The file that --profile names: a path, or one of IPA's pipelines by its name; that of the Video pipeline by default. */
export function pipelineFile(given = "video"): string {
	return shipped.includes(given) ? join(packageRoot, "data/derived/profiles", `${given}.json`) : given;
}

/** A plan that is a file, or the shipped plan of that name (data/plans). */
export function planFile(name: string): string {
	const shipped = join(packageRoot, "data", "plans", `${name}.yaml`);
	return /^[a-z0-9-]+$/.test(name) && !existsSync(name) && existsSync(shipped) ? shipped : name;
}
