import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import { writeProject } from "../../src/ipa/writeProject.js";

const main = join(packageRoot, "dist/cli/main.js");
const run = (args: string[], env: NodeJS.ProcessEnv = process.env) =>
	spawnSync("node", [main, ...args], { encoding: "utf8", env });

let project: string;
let yaml: string;

beforeAll(async () => {
	project = mkdtempSync(join(tmpdir(), "ipa-cli-"));
	await writeProject(project, { ...(await readPipeline()), scaling_cap: 3 }, "mine", {
		generate: ["all", "feasible"],
		optimization_method: "brute-force",
		num_state_limit: 20,
	});
	yaml = join(project, "data/configs/pipeline-simulation/mine.yaml");
});

describe("an experiment's YAML as --profile", () => {
	test("space counts what it counts of the same pipeline's JSON", () => {
		const { stdout, status } = run(["space", "--profile", yaml, "--json"]);
		const json = JSON.parse(run(["space", "--derived", "--cap", "3", "--json"]).stdout);
		expect(status).toBe(0);
		expect(JSON.parse(stdout)).toEqual(json);
	});

	test("optimize decides the same, at another rate too; a YAML elsewhere needs --ipa-home", () => {
		const video = JSON.parse(run(["optimize", "--derived", "--rate", "5"]).stdout);
		expect(JSON.parse(run(["optimize", "--profile", yaml, "--rate", "5"]).stdout).configuration.objective).toBeCloseTo(
			video.configuration.objective,
			12,
		);
		const copy = join(mkdtempSync(join(tmpdir(), "ipa-cli-")), "copy.yml");
		copyFileSync(yaml, copy);
		const lost = run(["optimize", "--profile", copy]);
		expect(lost.status).toBe(1);
		expect(lost.stderr).toMatch(/accuracies.yaml: must exist/);
		expect(run(["optimize", "--profile", copy, "--ipa-home", project]).status).toBe(0);
	});

	test("tradeoff and adapt take it too, with --ipa-home; an experiment without a rate is good for a trace", () => {
		const file = join(mkdtempSync(join(tmpdir(), "ipa-cli-")), "copy.yaml");
		writeFileSync(file, readFileSync(yaml, "utf8").replace(/^"arrival_rate": .*\n/m, ""));
		const theirs = ["--profile", file, "--ipa-home", project, "--json"];
		const { stdout, stderr } = run(["tradeoff", ...theirs, "--model-energy"]);
		expect(stdout).toBe("");
		expect(stderr).toContain("arrival_rate: must be there, or be given");
		const rated = run(["tradeoff", ...theirs, "--model-energy", "--rate", "7"]);
		const video = run(["tradeoff", "--derived", "--json", "--model-energy", "--rate", "7"]);
		const points = (text: string) =>
			JSON.parse(text).path.points.map((point: { energy_j_per_request: number }) => point.energy_j_per_request);
		expect(points(rated.stdout)).toEqual(points(video.stdout));
		const adapted = run(["adapt", ...theirs, "--window", "steady_low"]);
		expect(adapted.status).toBe(0);
		const ours = JSON.parse(run(["adapt", "--derived", "--window", "steady_low", "--json"]).stdout);
		const served = (rows: { system: string; outcome: object }[]) =>
			rows.find(({ system }) => system === "rim")?.outcome;
		expect(served(JSON.parse(adapted.stdout))).toEqual(served(ours));
		const file2 = join(project, "data/configs/accuracies.yaml");
		const before = readFileSync(file2, "utf8");
		writeFileSync(file2, before.replace(/"yolov5x": [\d.]+/, '"yolov5y": 1'));
		const said = run(["tradeoff", ...theirs, "--model-energy", "--rate", "7"]).stderr;
		writeFileSync(file2, before);
		expect(said).toContain("left out: crop: yolov5x");
	});

	test("what is left out is said; a broken key is an error with its place", () => {
		const file = join(project, "data/configs/accuracies.yaml");
		const before = readFileSync(file, "utf8");
		writeFileSync(file, before.replace(/"yolov5x": [\d.]+/, '"yolov5y": 1'));
		const { stderr } = run(["space", "--count", "--profile", yaml]);
		writeFileSync(file, before);
		expect(stderr).toContain("left out: crop: yolov5x: accuracies.yaml has no accuracy of it");
		const broken = join(project, "broken.yaml");
		writeFileSync(broken, readFileSync(yaml, "utf8").replace('"alpha": 2', '"alpha": two'));
		expect(run(["space", "--profile", broken]).stderr.trim()).toBe(
			`${broken}:12:10, alpha: must be a number, received "two"`,
		);
	});
});

describe("compare --simulator", () => {
	test.each([
		[["--config", "mine"], "--config: must stand with --simulator"],
		[["--simulator", "--config", "mine", "--rate", "3"], "without --profile, --rate, --replicas and --limit"],
		[["--simulator", "--config", "$(id)"], "config name: must be letters, digits"],
	])("%j is refused: %s", (args, message) => {
		const { status, stderr } = run(["compare", "--ipa-home", project, ...args]);
		expect(status).toBe(1);
		expect(stderr).toContain(message);
	});

	test("a folder that is no checkout", () => {
		const { status, stderr } = run(["compare", "--simulator", "--ipa-home", project]);
		expect(status).toBe(1);
		expect(stderr).toContain(`unavailable: ${project} is not a checkout of IPA`);
	});

	test.runIf(process.env.IPA_HOME !== undefined)("prints differences, both optima and the ratio of times", () => {
		const { status, stdout, stderr } = run(["compare", "--simulator", "--limit", "50"]);
		expect(stderr).toMatch(/IPA: .*all states time/);
		expect(stdout).toMatch(/all: 50 compared\n {2}accuracy +largest difference 0/);
		expect(stdout).toMatch(/a configuration \d+ times faster/);
		expect(stdout).toMatch(/Gurobi/);
		expect(status).toBe(0);
	});
});
