import { execFileSync } from "node:child_process";

/** Builds once before the tests: the kernel and the command line run dist, and two builds at a time would clash. */
export function setup(): void {
	execFileSync("npm", ["run", "--silent", "build"], { stdio: ["ignore", "ignore", "inherit"] });
}
