import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * An executable of that name, in a folder of its own: node, with `body` as its program. In the body, `args` are its
 * arguments and `run(command, args)` is a promise of the exit code of a child that shares its input and output.
 */
export function fakeTool(name: string, body: string): { readonly command: string; readonly folder: string } {
	const folder = mkdtempSync(join(tmpdir(), "tool-"));
	const command = join(folder, name);
	writeFileSync(
		command,
		`#!${process.execPath}
const fs = require("node:fs");
const args = process.argv.slice(2);
const spawned = (command, args) => require("node:child_process").spawn(command, args, { stdio: "inherit" });
const run = (command, args) => new Promise((resolve) => {
	spawned(command, args).on("close", resolve).on("error", () => resolve("ENOENT"));
});
(async () => {
${body}
})();
`,
	);
	chmodSync(command, 0o755);
	return { command, folder };
}
