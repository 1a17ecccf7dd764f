import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./root.js";

/** A plan that is a file, or the shipped plan of that name (data/plans). */
export function planFile(name: string): string {
	const shipped = join(packageRoot, "data", "plans", `${name}.yaml`);
	return /^[a-z0-9-]+$/.test(name) && !existsSync(name) && existsSync(shipped) ? shipped : name;
}
