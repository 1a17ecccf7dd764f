// The notebook kernel resolves the package by its own name, so node_modules/<name> points at the checkout.
// A `file:.` dependency would do the same but breaks later installs.
import { existsSync, symlinkSync } from "node:fs";

if (existsSync("node_modules") && !existsSync("node_modules/sustainable-ipa")) {
	symlinkSync("..", "node_modules/sustainable-ipa", "dir");
}
