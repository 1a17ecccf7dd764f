// The notebook kernel resolves the package by its own name, so node_modules/<name> points at the checkout, and the
// command's link stands where npx looks. A `file:.` dependency would do the same but breaks later installs.
import { existsSync, lstatSync, symlinkSync } from "node:fs";

link("..", "node_modules/sustainable-ipa");
link("../../dist/cli/main.js", "node_modules/.bin/sustainable-ipa");

function link(target, path) {
	if (existsSync("node_modules/.bin") && !lstatSync(path, { throwIfNoEntry: false })) symlinkSync(target, path);
}
