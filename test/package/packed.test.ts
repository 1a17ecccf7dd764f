import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** An empty folder that has installed the packed tarball from the registry, as one who uses the package does. */
const folder = mkdtempSync(join(tmpdir(), "packed package-"));
const installed = join(folder, "node_modules", "sustainable-ipa");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface PackageFile {
	readonly name: string;
	readonly scripts?: Readonly<Record<string, string>>;
	readonly overrides?: unknown;
	readonly dependencies: Readonly<Record<string, string>>;
	readonly peerDependencies: Readonly<Record<string, string>>;
	readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}
const packageAt = (path: string) => JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as PackageFile;

beforeAll(() => {
	const [{ filename }] = JSON.parse(
		execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { encoding: "utf8" }),
	) as [{ filename: string }];
	writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
	// Scripts may run: none is there to be run, which the tests below look at.
	execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", join(folder, filename)], {
		cwd: folder,
		stdio: ["ignore", "ignore", "inherit"],
	});
}, 300_000);

function run(code: string) {
	const { stdout, stderr } = spawnSync("node", ["--input-type=module", "-e", code], { cwd: folder, encoding: "utf8" });
	return { stdout: stdout.trim(), stderr };
}

function cli(...args: readonly string[]) {
	return spawnSync(join(folder, "node_modules/.bin/sustainable-ipa"), args, { cwd: folder, encoding: "utf8" });
}

function packages(): readonly string[] {
	return readdirSync(join(folder, "node_modules"), { recursive: true, encoding: "utf8" })
		.filter((name) => /(^|node_modules\/)(@[^/]+\/)?[^/@.]+[^/]*\/package\.json$/.test(name))
		.map((name) => join(folder, "node_modules", name, ".."));
}

function bytesUnder(path: string): number {
	const stat = lstatSync(path);
	// What the disk gives: whole blocks.
	if (!stat.isDirectory()) return stat.blocks * 512;
	return readdirSync(path).reduce((sum, name) => sum + bytesUnder(join(path, name)), stat.blocks * 512);
}

test("takes under 60 MB, and brings no part that a feature must ask for", () => {
	expect(bytesUnder(join(folder, "node_modules")) / 1e6).toBeLessThan(60);
	for (const [name, { optional }] of Object.entries(packageAt(installed).peerDependenciesMeta)) {
		expect(optional).toBe(true);
		expect(existsSync(join(folder, "node_modules", name)), name).toBe(false);
	}
});

test("runs nothing at installation, and all of it is from the registry", () => {
	const scripts = packages().flatMap((path) => {
		const { name, scripts = {} } = packageAt(path);
		return ["preinstall", "install", "postinstall"]
			.filter((script) => script in scripts)
			.map((script) => `${name} ${script}`);
	});
	expect(packages().length).toBeGreaterThan(30);
	expect(scripts).toEqual([]);
	const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as {
		readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly integrity?: string }>>;
	};
	const elsewhere = Object.entries(lock.packages).filter(
		([path, { integrity, resolved = "" }]) =>
			path !== "" && !path.endsWith("/sustainable-ipa") && (integrity === undefined || /^(git|file)/.test(resolved)),
	);
	expect(elsewhere).toEqual([]);
});

test("searches, evaluates and asks for probes, through the groups' own paths", () => {
	const code = `
		import { optimize } from "sustainable-ipa/search";
		import { readPipeline } from "sustainable-ipa/pipeline";
		import { dataRoot, readEvaluationSettings, readEvidenceOf } from "sustainable-ipa/datasets";
		import { evaluate } from "sustainable-ipa/evaluation";
		import { detectProbes } from "sustainable-ipa/energy";
		import * as whole from "sustainable-ipa";
		const study = evaluate(await readEvidenceOf([dataRoot + "/template.csv"]), await readEvaluationSettings());
		const probes = await detectProbes();
		console.log(JSON.stringify([optimize(await readPipeline()).status, study.datasets.length,
			probes.every(({ availability }) => availability === undefined || typeof availability.status === "string"),
			probes.length > 5, whole.search.optimize === optimize]));`;
	expect(run(code)).toEqual({ stdout: '["optimal",1,true,true,true]', stderr: "" });
	const { status, stdout } = cli("evaluate", join(installed, "data/template.csv"));
	expect([status, stdout]).toEqual([0, expect.stringContaining("It cannot be told over")]);
	expect(cli("optimize", "--rate", "20").status).toBe(0);
	expect(cli("probes").stdout).toMatch(/powercap/);
});

test("importing one group loads only what it needs", () => {
	const loaded = (group: string) => {
		const hooks = `export async function load(url, context, next) { process._rawDebug(url); return next(url, context); }`;
		const register = `import { register } from "node:module"; register("data:text/javascript," + ${JSON.stringify(encodeURIComponent(hooks))});`;
		const args = ["--import", `data:text/javascript,${encodeURIComponent(register)}`, "--input-type=module", "-e"];
		const { stderr } = spawnSync("node", [...args, `await import("sustainable-ipa/${group}");`], {
			cwd: folder,
			encoding: "utf8",
		});
		return stderr.split("\n").filter((line) => line.startsWith("file:"));
	};
	const search = loaded("search");
	expect(search.some((file) => file.endsWith("/search/optimum.js"))).toBe(true);
	expect(
		search.filter(
			(file) => /\/(report|jupyter|measurement|energy|evaluation|datasets|cli)\//.test(file) && !/groups/.test(file),
		),
	).toEqual([]);
	const evaluation = loaded("evaluation");
	expect(evaluation.some((file) => file.endsWith("/evaluation/evaluate.js"))).toBe(true);
	expect(evaluation.filter((file) => /\/(report|jupyter|measurement|cli|inference)\//.test(file))).toEqual([]);
});

test("every group of the whole package has its path, with the same members", () => {
	const code = `
		const whole = await import("sustainable-ipa");
		const differ = [];
		let count = 0;
		for (const [group, members] of Object.entries(whole)) {
			if (typeof members !== "object") continue;
			count++;
			const own = await import("sustainable-ipa/" + group);
			const names = new Set([...Object.keys(own), ...Object.keys(members)]);
			differ.push(...[...names].filter((name) => own[name] !== members[name]).map((name) => group + "." + name));
		}
		console.log(count > 5, differ.join());`;
	expect(run(code)).toEqual({ stdout: "true", stderr: "" });
});

test("a part that lacks breaks its own command alone, and is asked for by name with the command", () => {
	const { peerDependencies } = packageAt(installed);
	const command = (name: string) => `npm install --ignore-scripts ${name}@${peerDependencies[name]}`;
	const frame = run(
		'import { frame } from "sustainable-ipa/notebook"; try { frame([{ a: 1 }]); } catch (error) { console.log(error.message); }',
	);
	expect(frame.stdout).toContain("npm pkg set 'overrides.danfojs-node.xlsx=npm:@e965/xlsx@0.20.3'");
	expect(frame.stdout).toContain(command("danfojs-node"));
	const report = cli(
		"report",
		join(installed, "notebooks/search-space.ipynb"),
		"--execute",
		"--out",
		join(folder, "reports"),
	);
	expect([report.status, report.stderr]).toEqual([1, expect.stringContaining(command("tslab"))]);
	const measure = cli("measure", "video-quick", "--out", join(folder, "measured"));
	expect([measure.status !== 0, measure.stderr]).toEqual([true, expect.stringContaining("onnxruntime-node@")]);
	// A report of an executed notebook needs none of them.
	const ready = cli("report", join(installed, "notebooks/search-space.ipynb"), "--out", join(folder, "reports"));
	expect([ready.status, existsSync(join(folder, "reports/search-space.html"))]).toEqual([0, true]);
});

test("its types hold for one who checks libraries too, without Node's own", () => {
	const groups = readdirSync(join(installed, "dist/groups")).filter((name) => name.endsWith(".d.ts"));
	const lines = groups.map(
		(name, index) => `export * as g${index} from "sustainable-ipa/${name.replace(".d.ts", "")}";`,
	);
	writeFileSync(
		join(folder, "own.ts"),
		`${lines.join("\n")}
import { search } from "sustainable-ipa";
import { optimize } from "sustainable-ipa/search";
export const same: typeof search.optimize = optimize;
// @ts-expect-error a pipeline is no number
optimize(3);
`,
	);
	const options = ["--noEmit", "--strict", "--skipLibCheck", "false", "--module", "nodenext", "--target", "es2023"];
	const tsc = spawnSync("node", [resolve("node_modules/typescript/bin/tsc"), ...options, "own.ts"], {
		cwd: folder,
		encoding: "utf8",
	});
	expect(tsc.stdout + tsc.stderr).toBe("");
});

test("brings the documents that it names", () => {
	for (const name of [
		"README.md",
		"LICENSE",
		"CHANGELOG.md",
		"environment.md",
		"ARTIFACT.md",
		"CITATION.cff",
		"docs/energy-probes.md",
		"scripts/kernel-faults.cjs",
	])
		expect(existsSync(join(installed, name)), name).toBe(true);
});
