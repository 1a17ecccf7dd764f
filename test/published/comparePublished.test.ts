import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCsv } from "../../src/datasets/csv.js";
import { readLstm } from "../../src/datasets/dataFiles.js";
import { publishedFolder } from "../../src/datasets/publishedTables.js";
import { packageRoot } from "../../src/datasets/root.js";
import { readWindows } from "../../src/datasets/trace.js";
import { comparePublished, readPublishedRuns } from "../../src/published/comparePublished.js";
import { readPreset } from "../../src/published/presets.js";
import { toleranceChecks } from "../../src/published/tolerances.js";

/** Another table of the same form: of audio-sent and nlp, say. */
const runsFile = process.env.IPA_PUBLISHED_RUNS ?? join(publishedFolder, "ipa-published-runs.csv");
const windows = await readWindows(join(packageRoot, "data/raw/twitter/twitter-workload-windows.csv"));
const { weights: lstm } = await readLstm(join(packageRoot, "data/models/lstm.json"));
const series = await readPublishedRuns(runsFile);
const runs = await comparePublished(series, readPreset, windows, { lstm });

test("every published line has ours beside it, with published means that the published table of means has too", async () => {
	expect(runs).toHaveLength(series.length);
	const means = (await readCsv(join(publishedFolder, "ipa-published-means.csv"))).rows;
	for (const { figure, pipeline, workload, system, published } of runs) {
		const row = means.find(
			({ values }) =>
				values.figure === figure &&
				values.pipeline === pipeline &&
				values.workload === workload &&
				values.system === system,
		);
		if (row === undefined) continue;
		expect(published.cost_cores).toBeCloseTo(Number(row.values.mean_cost_cores), 3);
		expect(published.accuracy).toBeCloseTo(Number(row.values.mean_accuracy), 3);
		expect(published.steps).toBe(Number(row.values.steps));
	}
});

test("the tolerances are met: of the sum's figures five in six costs within 10 %, accuracies within 0.05", () => {
	expect(toleranceChecks(runs).filter(({ met }) => !met)).toEqual([]);
	const own = runs.filter(({ family, figure }) => family === "sum" && figure.startsWith("paper-fig"));
	const within = (bound: number) => own.filter(({ cost_ratio }) => Math.abs(cost_ratio - 1) <= bound).length;
	expect(within(0.1) / own.length).toBeGreaterThanOrEqual(40 / 48);
	expect(within(0.25)).toBe(own.length);
});

describe("the check can fail", () => {
	const [first] = runs;
	if (first === undefined) throw new Error("no run");
	const moved = (change: Partial<typeof first>) =>
		toleranceChecks(runs.map((run) => (run === first ? { ...run, ...change } : run)));
	test("one cost 26 % off, or one accuracy 0.21, is a miss", () => {
		expect(moved({ cost_ratio: 1.26 }).filter(({ met }) => !met)).toMatchObject([
			{ what: expect.stringMatching(/cost within 25/) },
		]);
		expect(moved({ accuracy_difference: -0.21 }).filter(({ met }) => !met)).toMatchObject([
			{ what: expect.stringMatching(/accuracy within 0.2$/) },
		]);
	});

	test("with the wider profiles of data/derived in place of what ran, the published costs are missed", async () => {
		const spec = JSON.parse(readFileSync(join(packageRoot, "data/derived/profiles/video.json"), "utf8"));
		const wider = async (...which: Parameters<typeof readPreset>) => ({ ...(await readPreset(...which)), spec });
		const video = series.filter(
			({ pipeline, family, system }) => pipeline === "video" && family === "sum" && system === "rim",
		);
		if (video.length === 0) return;
		const found = await comparePublished(video, wider, windows, { lstm });
		expect(toleranceChecks(found).some(({ met }) => !met)).toBe(true);
	});
});

test("the command: the table, the checks, and 1 where a tolerance is missed; another table by --runs", () => {
	const run = (...args: string[]) =>
		spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "published", ...args], { encoding: "utf8" });
	const folder = mkdtempSync(join(tmpdir(), "runs-"));
	const file = join(folder, "own.csv");
	const [header, ...lines] = readFileSync(join(publishedFolder, "ipa-published-runs.csv"), "utf8")
		.trimEnd()
		.split("\n");
	const low = lines.filter((line) => line.startsWith("paper-fig11,sum-qa,sum,steady_low,rim,"));
	writeFileSync(file, [header, ...low].join("\n"));
	const good = run("--runs", file);
	expect([good.status, good.stderr]).toEqual([0, ""]);
	expect(good.stdout).toMatch(/paper-fig11 +sum-qa +steady_low +rim +32\.00 +32\.00 +1\.000 +1\.600 +1\.600/);
	// Half the cores and a pipeline that has no preset.
	writeFileSync(file, [header, ...low.map((line) => line.replace(",32,1.6,", ",16,1.6,"))].join("\n"));
	const bad = run("--runs", file, "--json");
	expect(bad.status).toBe(1);
	const { runs: told, checks } = JSON.parse(bad.stdout);
	expect(told[0].cost_ratio).toBeCloseTo(2, 9);
	expect(told[0].ourSteps).toHaveLength(120);
	expect(checks[0]).toMatchObject({ met: false, count: 0, of: 1 });
	writeFileSync(file, [header, ...low.map((line) => line.replace(",sum-qa,", ",sumqa,"))].join("\n"));
	expect(run("--runs", file).stderr).toContain(
		'own.csv:2, pipeline: must be one of video, audio-qa, audio-sent, sum-qa, nlp, received "sumqa"',
	);
	rmSync(folder, { recursive: true });
});
