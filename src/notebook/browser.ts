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
	"--use-angle=swiftshader",
	"--enable-unsafe-swiftshader",
];

/** Starts headless Chromium: the one that CHROMIUM names, or the first on the PATH. */
export async function launchBrowser(): Promise<Browser> {
	return chromium.launch({ executablePath: chromiumPath(), args });
}

function chromiumPath(): string {
	const folders = (process.env.PATH ?? "").split(delimiter);
	const named = process.env.CHROMIUM;
	if (named?.includes("/")) return named;
	const candidates = named === undefined ? names : [named, ...names];
	const found = candidates.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
	if (found === undefined)
		throw new InputError({ file: "PATH", rule: "must hold chromium, which draws the figures (or set CHROMIUM)" });
	return found;
}
