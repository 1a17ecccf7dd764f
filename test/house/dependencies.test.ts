import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "dependencies-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface LockedPackage {
	readonly name?: string;
	readonly version?: string;
	readonly integrity?: string;
	readonly link?: boolean;
}
const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, LockedPackage> };
const locked = Object.entries(lock.packages).filter(([path, { link }]) => path !== "" && link !== true);

describe("what is installed", () => {
	test("has a checksum for every package of every platform", () => {
		expect(locked.length).toBeGreaterThan(100);
		expect(locked.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? "")).map(([path]) => path)).toEqual([]);
	});

	test("holds neither the last xlsx of npm nor request, which nobody mends", () => {
		const named = locked.map(
			([path, { name, version }]) => `${name ?? path.replace(/^.*node_modules\//, "")}@${version}`,
		);
		expect(named.filter((own) => /^(xlsx|request)@/.test(own))).toEqual([]);
		expect(named).toContain("@e965/xlsx@0.20.3");
	});

	test.each(["requirements.txt", "requirements-lab.txt", "requirements-mlserver.txt", "requirements-peers.txt"])(
		"%s pins every package with checksums",
		(file) => {
			const lines = readFileSync(file, "utf8").replaceAll("\\\n", " ").split("\n");
			const pins = lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
			expect(pins.length).toBeGreaterThan(10);
			expect(pins.filter((line) => !/^\S+==\S+ .*--hash=sha256:[0-9a-f]{64}/.test(line))).toEqual([]);
		},
	);
});

test("without the native parts of DuckDB and onnxruntime the package loads, reads, evaluates and searches", () => {
	const hooks = join(folder, "hooks.mjs");
	writeFileSync(
		hooks,
		`export async function resolve(name, context, next) {
			if (/^(@duckdb\\/|onnxruntime-node)/.test(name)) throw new Error("Cannot find module " + name + ": no native part");
			return next(name, context);
		}`,
	);
	const code = `
		import { register } from "node:module";
		register(${JSON.stringify(`file://${hooks}`)});
		const { datasets, pipeline, search, measurement } = await import(${JSON.stringify(resolve("dist/index.js"))});
		const { status } = search.optimize(await pipeline.readPipeline());
		console.log(status, (await datasets.readEvaluationSettings(datasets.settingsFile)).seed, typeof measurement.measurePlan);
	`;
	const run = spawnSync("node", ["--input-type=module", "-e", code], { encoding: "utf8" });
	expect([run.stdout.trim(), run.stderr]).toEqual([expect.stringMatching(/^optimal \d+ function$/), ""]);
});

describe("a build", () => {
	test("of sources that have not changed touches nothing that a running program may read", () => {
		const before = statSync("dist/cli/main.js");
		execFileSync("npm", ["run", "--silent", "build"]);
		const after = statSync("dist/cli/main.js");
		expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
	});

	test("of sources that have changed replaces whole files, and those that are gone", () => {
		const copy = join(folder, "copy");
		mkdirSync(join(copy, "src/cli"), { recursive: true });
		for (const name of ["tsconfig.json", "tsconfig.build.json", "package.json", "package-lock.json", "scripts"])
			cpSync(name, join(copy, name), { recursive: true });
		symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
		const build = () => spawnSync("node", ["scripts/build.mjs"], { cwd: copy, encoding: "utf8" });
		writeFileSync(join(copy, "src/cli/main.ts"), "export const a = 1;\n");
		writeFileSync(join(copy, "src/old.ts"), "export const old = 1;\n");
		expect(build().status).toBe(0);
		const kept = statSync(join(copy, "dist/cli/main.js"));
		expect(kept.mode & 0o111).not.toBe(0);
		rmSync(join(copy, "src/old.ts"));
		writeFileSync(join(copy, "src/new.ts"), "export const b = 2;\n");
		expect(build().status).toBe(0);
		expect(statSync(join(copy, "dist/cli/main.js")).ino).toBe(kept.ino);
		expect(statSync(join(copy, "dist/new.js")).size).toBeGreaterThan(0);
		expect(() => statSync(join(copy, "dist/old.js"))).toThrow();
		// A fault of the sources leaves what there is.
		writeFileSync(join(copy, "src/new.ts"), "export const b: string = 2;\n");
		expect(build().status).not.toBe(0);
		expect(readFileSync(join(copy, "dist/new.js"), "utf8")).toContain("b = 2");
	});

	test("for the verdict needs no compiler, and the whole build follows it", () => {
		const copy = join(folder, "verdict");
		mkdirSync(join(copy, "src/cli"), { recursive: true });
		mkdirSync(join(copy, "node_modules"));
		for (const name of ["tsconfig.json", "tsconfig.build.json", "package.json", "package-lock.json", "scripts"])
			cpSync(name, join(copy, name), { recursive: true });
		for (const name of ["esbuild", "@esbuild"])
			symlinkSync(resolve("node_modules", name), join(copy, "node_modules", name));
		writeFileSync(join(copy, "src/cli/main.ts"), "export const a: number = 1;\n");
		const build = (...more: readonly string[]) =>
			spawnSync("node", ["scripts/build.mjs", ...more], { cwd: copy, encoding: "utf8" }).status;
		expect(build("--verdict")).toBe(0);
		expect(readFileSync(join(copy, "dist/cli/main.js"), "utf8")).toMatch(/\ba = 1;/);
		expect(() => statSync(join(copy, "dist/cli/main.d.ts"))).toThrow();
		rmSync(join(copy, "node_modules"), { recursive: true });
		symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
		expect(build()).toBe(0);
		const whole = statSync(join(copy, "dist/cli/main.d.ts"));
		// After which the verdict's has nothing to do.
		expect(build("--verdict")).toBe(0);
		expect(statSync(join(copy, "dist/cli/main.d.ts")).ino).toBe(whole.ino);
	});
});

describe("setup in a copied checkout", () => {
	test("makes an environment of its own: a stamp holds the path, and pip's first line is looked at", () => {
		const script = readFileSync("scripts/setup.sh", "utf8");
		const functions = script.slice(script.indexOf("# fresh STAMP"), script.indexOf("setup_node()"));
		const [first, second] = [join(folder, "first"), join(folder, "second")];
		mkdirSync(first);
		writeFileSync(join(first, "pins"), "a==1\n");
		const shell = (cwd: string, command: string) =>
			spawnSync("bash", ["-c", `set -euo pipefail\n${functions}\n${command}`], { cwd, encoding: "utf8" });
		expect(shell(first, "python3 -m venv .venv && stamp .venv/.pins pins").status).toBe(0);
		expect(shell(first, "fresh .venv/.pins pins && here .venv").status).toBe(0);
		cpSync(first, second, { recursive: true, verbatimSymlinks: true });
		expect(shell(second, "fresh .venv/.pins pins").status).not.toBe(0);
		expect(shell(second, "here .venv").status).not.toBe(0);
	});

	test("shell scripts and data keep their line ends in a checkout that converts them", () => {
		const attributes = (file: string) =>
			execFileSync("git", ["check-attr", "text", "eol", "--", file], { encoding: "utf8" });
		for (const file of ["scripts/setup.sh", ".ci/run", "Makefile"]) expect(attributes(file)).toContain("eol: lf");
		for (const file of ["data/raw/twitter/provenance.yaml", "test/fixtures/faults/cells-empty-rows.csv"])
			expect(attributes(file)).toContain("text: unset");
	});
});
