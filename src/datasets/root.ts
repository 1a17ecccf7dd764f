import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder that holds package.json and data/: two up from here, in src and in dist alike. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
