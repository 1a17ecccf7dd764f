import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { mergeJournals } from "../../src/measurement/merge.js";
import type { Plan } from "../../src/measurement/plan.js";
import { planCells } from "../../src/measurement/planCells.js";
import { runPlan } from "../../src/measurement/runPlan.js";
import { workloadSource } from "../../src/measurement/workloads.js";
import { tinyPlan } from "./plans.js";

let folder: string;
beforeEach(() => {
	// A name that SQL would trip over.
	folder = mkdtempSync(join(tmpdir(), "it's merged-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function measureShard(plan: Plan, index: number, count: number): Promise<void> {
	const outcome = await runPlan({
		plan,
		shard: { index, count },
		folder: join(folder, String(index)),
		workloads: workloadSource(plan),
		meters: { available: [], unavailable: [] },
		environment: { cpu_model: { status: "available", value: "One CPU" } },
		signal: new AbortController().signal,
		report: () => {},
	});
	expect(outcome.status).toBe("complete");
}

const glob = () => join(folder, "*", "journal.jsonl");
const out = () => join(folder, "out");

test("shards merge to exactly the plan's cells, and to Parquet that DuckDB reads back", async () => {
	const plan = tinyPlan({ variants: [{ name: "a 'b' \"c\"" }, { name: "d" }, { name: "e" }] });
	for (const index of [0, 1, 2]) await measureShard(plan, index, 3);
	const merged = await mergeJournals(glob(), out());
	expect(merged).toMatchObject({ journals: 3, missingShards: [], shortCells: 0 });
	const { cells, provenance } = await readEvidence(join(out(), "dataset"));
	expect(cells.map(({ variant, batch }) => `${variant}${batch}`)).toEqual(
		planCells(plan).map(({ variant, batch }) => `${variant}${batch}`),
	);
	expect(provenance.caveats.filter((text) => text.includes("control workload"))).toHaveLength(3);

	const connection = await (await DuckDBInstance.create(":memory:")).connect();
	const reader = await connection.runAndReadAll(
		"SELECT count(*)::INTEGER AS n, count(DISTINCT cell)::INTEGER AS cells, min(latency_mean_s) > 0 AS positive FROM read_parquet($file)",
		{ file: join(out(), "repetitions.parquet") },
	);
	expect(reader.getRowObjects()).toEqual([{ n: merged.repetitions, cells: planCells(plan).length, positive: true }]);
});

test("a shard that is missing is named, and the provenance says how many cells are", async () => {
	await measureShard(tinyPlan(), 0, 2);
	expect((await mergeJournals(glob(), out())).missingShards).toEqual([1]);
	expect((await readEvidence(join(out(), "dataset"))).provenance.caveats).toContain(
		"2 of the plan's 4 cells are not measured",
	);
});

test("a shard that did not run to its end is told, and the provenance says how many of its cells fall short", async () => {
	const plan = tinyPlan();
	for (const index of [0, 1]) await measureShard(plan, index, 2);
	const file = join(folder, "1", "journal.jsonl");
	const lines = readFileSync(file, "utf8").split("\n");
	// Killed in the last block: each of the shard's two cells has the two repetitions of the first.
	const last = lines.findIndex((line) => line.includes('"repetition":2,'));
	writeFileSync(file, `${lines.slice(0, last).join("\n")}\n`);
	expect(await mergeJournals(glob(), out())).toMatchObject({ missingShards: [], shortCells: 2 });
	expect((await readEvidence(join(out(), "dataset"))).provenance.caveats).toContain(
		"2 cells have fewer than the plan's least 4 repetitions: a run did not end",
	);
});

test("journals of two plans, the same shard twice, a damaged line and no file at all are refused", async () => {
	await expect(mergeJournals(glob(), out())).rejects.toThrow(/must match whole journals: .*No files found/);
	await measureShard(tinyPlan(), 0, 2);
	cpSync(join(folder, "0"), join(folder, "copy"), { recursive: true });
	await expect(mergeJournals(glob(), out())).rejects.toThrow("shard.index: must not be that of");
	rmSync(join(folder, "copy"), { recursive: true });
	await measureShard(tinyPlan({ seed: 8 }), 1, 2);
	await expect(mergeJournals(glob(), out())).rejects.toThrow("plan_hash: must be that of");
	rmSync(join(folder, "1"), { recursive: true });
	const file = join(folder, "0", "journal.jsonl");
	const whole = readFileSync(file);
	appendFileSync(file, '{"type":"repetition","cell":"torn');
	await expect(mergeJournals(glob(), out())).rejects.toThrow("must match whole journals");
	writeFileSync(file, `${whole.toString()}{"type":"repetition"}\n`);
	await expect(mergeJournals(glob(), out())).rejects.toThrow(/journal\.jsonl:\d+, cell is missing/);
	expect(existsSync(join(out(), "dataset"))).toBe(false);
});
