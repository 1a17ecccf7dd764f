import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { publishedCosts } from "../../src/inference/models.js";
import { writeMeasuredDataset } from "../../src/measurement/dataset.js";
import { readJournal } from "../../src/measurement/journal.js";
import { planHash, readPlan } from "../../src/measurement/plan.js";

const shipped = "data/raw/video-quick";

test("the shipped cells are those of the shipped journal, which is of the shipped plan", async () => {
	const records = readJournal(join(shipped, "journal.jsonl"));
	const plan = await readPlan("data/plans/video-quick.yaml");
	expect(records[0]).toMatchObject({ type: "header", plan_hash: planHash(plan) });
	const folder = mkdtempSync(join(tmpdir(), "video-quick-"));
	try {
		await writeMeasuredDataset(folder, plan, [records]);
		for (const name of ["cells.csv", "provenance.yaml"])
			expect(readFileSync(join(folder, "dataset", name), "utf8")).toBe(readFileSync(join(shipped, name), "utf8"));
		expect(readFileSync(join(folder, "details.csv"), "utf8")).toBe(readFileSync(join(shipped, "details.csv"), "utf8"));
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test("ten variants on 1 and 2 cores; no energy, and none of it 0; stages apart", async () => {
	const { cells, provenance } = await readEvidence(shipped);
	expect(cells).toHaveLength(60);
	expect(new Set(cells.map(({ variant }) => variant)).size).toBe(10);
	expect(cells.map(({ energy }) => energy.status)).toEqual(cells.map(() => "unavailable"));
	expect(provenance.barred).toContain("no measured energy");
	const populations = new Map(cells.map(({ variant, population }) => [variant, population]));
	expect(populations.get("yolov5x")).toBe(populations.get("yolov5n"));
	expect(populations.get("resnet18")).not.toBe(populations.get("yolov5n"));
});

test("latencies are of networks of their size: operations a second lie within a factor of four", async () => {
	const { cells } = await readEvidence(shipped);
	const rates = cells
		.filter(({ allocation }) => allocation === 1)
		.map(
			({ variant, batch, latency_s }) => (publishedCosts(variant as "resnet18").gflops * batch) / (latency_s as number),
		);
	expect(Math.max(...rates) / Math.min(...rates)).toBeLessThan(4);
	// What one core of a processor with 8 or 16 float multiply-adds a cycle can do, and a tenth of it.
	expect(Math.min(...rates)).toBeGreaterThan(10);
	expect(Math.max(...rates)).toBeLessThan(250);
});
