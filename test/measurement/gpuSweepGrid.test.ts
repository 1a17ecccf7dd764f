import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvaluationSettings } from "../../src/datasets/dataFiles.js";
import { readAllEvidence } from "../../src/datasets/readEvidence.js";
import { packageRoot } from "../../src/datasets/root.js";
import { evaluate } from "../../src/evaluation/evaluate.js";
import type { Evidence } from "../../src/evaluation/evidence.js";
import { gridOf } from "../../src/evaluation/grid.js";
import { populationsOf } from "../../src/evaluation/population.js";
import { writeSweepDataset } from "../../src/measurement/gpuSweep/dataset.js";
import { readVideoGpu } from "../../src/measurement/gpuSweep/readVideoGpu.js";
import { targetRows } from "../../src/measurement/gpuSweep/targets.js";
import { metricOf } from "../../src/report/cellMetrics.js";
import { writeSyntheticJournal } from "./syntheticSweep.js";

let root: string;
let journal: string;
let evidence: Evidence;
beforeAll(async () => {
	root = mkdtempSync(join(tmpdir(), "grid-"));
	journal = join(root, "whole.jsonl");
	writeSyntheticJournal(journal);
	await writeSweepDataset([journal], join(root, "raw", "video-gpu"));
	[evidence] = (await readAllEvidence(root)) as [Evidence];
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("a dataset of the whole grid, once it lies in data/raw", () => {
	test("is evidence like any other: 163 cells, knobs in columns of their own, GPU-seconds beside the rest", () => {
		expect([evidence.dataset, evidence.cells.length]).toEqual(["video-gpu", 163]);
		const header = readFileSync(join(root, "raw", "video-gpu", "cells.csv"), "utf8").split("\n")[0];
		expect(header).toMatch(/,knob_precision,knob_tenants$/);
		for (const cell of evidence.cells) {
			expect(metricOf(cell, "allocation")).toBe(1);
			expect(metricOf(cell, "resource_seconds_per_request")).toBeCloseTo(1 / (cell.throughput_rps as number), 12);
			expect(metricOf(cell, "latency_s")).toBeGreaterThan(0);
			// Only a stage by itself has a published accuracy.
			expect(metricOf(cell, "accuracy_pct") === undefined).toBe(cell.variant.includes("+"));
		}
	});

	test("whose stages are never pooled: no pair holds two tasks, whatever varies in it", () => {
		const task = (variant = "") => (variant.includes("+") ? "both" : variant.replace(/\d.*/, ""));
		const grid = gridOf(populationsOf(evidence).populations, 201);
		expect(grid.knobs.map(({ name }) => name)).toEqual(["variant", "batch", "precision", "tenants"]);
		for (const { name, pairs } of grid.knobs)
			for (const [p, i] of pairs.first.entries()) {
				const [a, b] = [grid.cells[i], grid.cells[pairs.second[p] as number]];
				expect(task(a?.variant)).toBe(task(b?.variant));
				if (name === "tenants") expect([a?.batch, a?.variant]).toEqual([b?.batch, b?.variant]);
			}
		const pairs = Object.fromEntries(grid.knobs.map(({ name, pairs: own }) => [name, own.first.length]));
		// 5 variants x 7 batches x 2 stages, each in both precisions; four sweeps over 1, 2 and 4 tenants.
		expect([pairs.precision, pairs.tenants]).toEqual([70, 12]);
	});

	test("and `evaluate` studies each task by itself, one GPU throughout", async () => {
		const settings = await readEvaluationSettings(join(packageRoot, "data/evaluation.yaml"));
		const { groups, datasets } = evaluate([evidence], settings);
		expect(datasets[0]).toMatchObject({ dataset: "video-gpu", cells: 163, populations: 3, leftOut: {} });
		expect(groups.map(({ device, grid }) => [device, grid.populations.map(({ cells }) => cells.length)])).toEqual([
			["gpu", [74, 74, 15]],
		]);
		expect(groups[0]?.labels.some(({ knob }) => knob === "allocation")).toBe(false);
	});
});

describe("what was asked of a sweep", () => {
	const lines = () => readFileSync(journal, "utf8").trim().split("\n");
	const rowsOf = async (name: string, changed: readonly string[]) => {
		const file = join(root, `${name}.jsonl`);
		writeFileSync(file, `${changed.join("\n")}\n`);
		await writeSweepDataset([file], join(root, "raw", name));
		const gpu = await readVideoGpu(join(root, "raw", name));
		if (gpu.status === "unavailable") throw new Error(gpu.reason);
		return { gpu, met: targetRows(gpu.quality).map(({ met }) => met) };
	};

	test("is met by the whole grid in calls that agree", async () => {
		expect((await rowsOf("all", lines())).met).toEqual(["yes", "yes", "yes", "yes"]);
	});

	test("is not met where a cell is missing, repetitions are few, one call draws more", async () => {
		const missing = lines().filter((line) => !line.includes('"cell":"yolov5x/fp32/b64"'));
		expect((await rowsOf("missing", missing)).met).toEqual(["no", "yes", "yes", "yes"]);
		const few = lines()
			.filter((line) => !/"repetition":[234]/.test(line))
			.map((line) => line.replace('"repetitions":5', '"repetitions":2'));
		expect((await rowsOf("few", few)).met[1]).toBe("no");
		const drifting = lines().map((line) => {
			const record = JSON.parse(line);
			if (record.type === "window" && record.call === 3 && record.control) record.counter.energy_j *= 1.03;
			return JSON.stringify(record);
		});
		expect((await rowsOf("drifting", drifting)).met).toEqual(["yes", "yes", "yes", "no"]);
	});

	test("two GPUs of five repetitions are asked for ten, and one that stopped early is not complete", async () => {
		const other = join(root, "other.jsonl");
		writeFileSync(
			other,
			`${lines()
				.map((line) => line.replace('"GPU-0"', '"GPU-1"'))
				.filter((line) => !line.includes('"repetition":4'))
				.join("\n")}\n`,
		);
		const { quality } = await writeSweepDataset([journal, other], join(root, "raw", "two"));
		expect([quality.asked, quality.complete, quality.partial]).toEqual([10, 0, 163]);
	});

	test("flags cells that were not alone or slowed; a state that was not read is no good state", async () => {
		const changed = lines().map((line) => {
			const record = JSON.parse(line);
			if (record.cell === "resnet18/fp16/b1") record.state.compute_processes.max = 2;
			if (record.cell === "resnet50/fp16/b8/x4" && record.repetition === 1)
				record.state.events = { "hardware thermal slowdown": 0.1, "software power cap": 1 };
			if (record.cell === "yolov5n/fp16/b1") record.state = {};
			return JSON.stringify(record);
		});
		const { gpu } = await rowsOf("troubled", changed);
		const flagged = gpu.evidence.cells.filter(({ flags }) => flags.length > 0);
		expect(flagged.map(({ variant, batch, knobs, flags }) => [variant, batch, knobs.tenants, flags])).toEqual([
			["resnet18", 1, 1, ["not-alone"]],
			["resnet50", 8, 4, ["slowed"]],
		]);
		const unread = gpu.summaries.find(({ cell }) => cell.id === "yolov5n/fp16/b1");
		expect(unread?.events).toEqual({ status: "unavailable", reason: "not read" });
		expect(readFileSync(join(root, "raw", "troubled", "details.csv"), "utf8")).toMatch(
			/^yolov5n\/fp16\/b1,.*unavailable: not read,unavailable: not read,0$/m,
		);
	});

	test("an energy of fewer repetitions than the latency says of how many", async () => {
		const changed = lines().map((line) => {
			const record = JSON.parse(line);
			if (record.cell === "resnet18/fp16/b1" && record.repetition > 2)
				record.counter = { status: "unavailable", reason: "the counter stood still for 1 s" };
			return JSON.stringify(record);
		});
		const { gpu } = await rowsOf("partly", changed);
		const cells = gpu.evidence.cells.filter(({ repetitions }) => repetitions !== 5);
		expect(cells.map(({ variant, batch, repetitions }) => [variant, batch, repetitions])).toEqual([["resnet18", 1, 3]]);
	});
});
