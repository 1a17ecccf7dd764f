import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { InputError } from "../errors.js";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

// Quiet and offline; software WebGL, so that three-dimensional figures draw on a machine without a screen.
const args = [
	"--no-sandbox",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	"--disable-default-apps",
	"--disable-domain-reliability",
	"--no-pings",
	// Whatever a figure names, nothing is looked up and no one is asked.
	"--host-resolver-rules=MAP * ~NOTFOUND",
	"--use-angle=swiftshader",
	"--enable-unsafe-swiftshader",
];

/**
 * Starts headless Chromium: the one that CHROMIUM names, or the first on the PATH that runs.
 *
 * @throws InputError where none does, with what each said: Ubuntu's chromium-browser is a script that names a snap
 */
export async function launchBrowser(): Promise<Browser> {
	const said: string[] = [];
	for (const executablePath of chromiumPaths())
		try {
			return await chromium.launch({ executablePath, args });
		} catch (error) {
			said.push(`${executablePath}: ${reasonOf(error as Error)}`);
		}
	throw new InputError({
		file: process.env.CHROMIUM === undefined ? "PATH" : "CHROMIUM",
		rule: ["must hold a Chromium that runs, which draws the figures (or set CHROMIUM to its path)", ...said].join("; "),
	});
}

function chromiumPaths(): string[] {
	const named = process.env.CHROMIUM;
	if (named?.includes("/")) return [named];
	const folders = (process.env.PATH ?? "").split(delimiter);
	const candidates = named === undefined ? names : [named, ...names];
	return candidates.flatMap((name) => folders.map((folder) => join(folder, name))).filter(existsSync);
}

/** What the program itself said, where it said anything, and not the library's account of it. */
function reasonOf({ message }: Error): string {
	const own = /\[err\]\s*(\S.*)/.exec(message)?.[1];
	return (own ?? message.split("\n")[0] ?? message).trim();
}
