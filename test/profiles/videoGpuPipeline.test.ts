import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvaluationSettings } from "../../src/datasets/dataFiles.js";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { packageRoot } from "../../src/datasets/root.js";
import { evaluate } from "../../src/evaluation/evaluate.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import { writeMeasuredDataset } from "../../src/measurement/dataset.js";
import { planSchema } from "../../src/measurement/plan.js";
import { type PlanCell, planCells } from "../../src/measurement/planCells.js";
import { type MeasuredVideoGpu, readVideoGpu } from "../../src/measurement/readVideoGpu.js";
import type { JournalRecord } from "../../src/measurement/records.js";
import { videoGpuPipeline } from "../../src/profiles/evidencePipelines.js";
import { optimize } from "../../src/search/optimum.js";
import { gpuHead, gpuIdle, gpuWindow } from "../measurement/gpuJournal.js";

let root: string;
beforeAll(() => {
	root = mkdtempSync(join(tmpdir(), "video-gpu-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const plan = planSchema.parse({
	version: 2,
	name: "gpu",
	title: "Some cells on a GPU",
	runner: { type: "command", argv: ["worker"], protocol: "json-lines", request_unit: "image", device: "gpu" },
	variants: [
		{ name: "yolov5n", accuracy_pct: 45.7, stage: "detection", batches: [2], knobs: { precision: ["fp16", "fp32"] } },
		{ name: "yolov5n", accuracy_pct: 45.7, stage: "detection", batches: [2], knobs: { tenants: [2] } },
		{ name: "yolov5x", accuracy_pct: 68.9, stage: "detection" },
		{ name: "resnet18", accuracy_pct: 69.75, stage: "classification", batches: [4] },
		{ name: "resnet50", accuracy_pct: 76.13, stage: "classification", batches: [4] },
		{ name: "yolov5n+resnet18", stage: "detection+classification" },
	],
	batches: [1],
	cores: [1],
	knobs: { precision: ["fp16"], tenants: [1] },
	window_s: 10,
	warm_up: { runs: 2, variation: 0.1, at_most_s: 1 },
	repetitions: { min: 2, max: 2, target_relative_interval: 0.03 },
	blocks: 1,
	control: { steps: 1000, every: 10 },
	seed: 7,
	time_limit_s: 600,
});

/** Two windows of 10 s: images, joules of each, and the latency of a batch. */
const twice = (cell: PlanCell, images: number, joules: readonly (number | string)[], latency_s: number) =>
	joules.map(
		(counter, repetition): JournalRecord => ({
			type: "repetition",
			cell: cell.id,
			repetition,
			block: 0,
			session: 0,
			warm_up: { batches: 9, stable: true },
			window: gpuWindow({
				elapsed_s: 10,
				batches: images / cell.batch,
				latency_s,
				counter,
				...(typeof counter === "number" ? { integrated: counter } : {}),
			}),
		}),
	);

/** Images, joules and latency by variant, batch, precision and tenants. */
const given: Readonly<Record<string, readonly [number, readonly number[], number]>> = {
	// 10 s of 2 images each 20 ms, less 2.6 % of the time for the drawing: 974 images, 2 J each.
	"yolov5n 2 fp16 1": [974, [1948, 1948], 0.02],
	"yolov5x 1 fp16 1": [200, [2400, 2400], 0.05],
	"resnet18 4 fp16 1": [4000, [1000, 1000], 0.01],
	// Another precision, other tenants and both stages together are no points of the stages' profiles.
	"yolov5n 2 fp32 1": [500, [2000, 2000], 0.04],
	"yolov5n 2 fp16 2": [1200, [2000, 2000], 0.03],
	"yolov5n+resnet18 1 fp16 1": [400, [1600, 1600], 0.025],
	// 10 % apart: the interval of two is wider than 3 %, so the cell is flagged and left out.
	"resnet50 4 fp16 1": [2000, [1000, 1100], 0.02],
};
const windows = (without?: string) =>
	planCells(plan).flatMap((cell) => {
		const { precision, tenants } = cell.knobs;
		const [images, joules, latency_s] = given[`${cell.variant} ${cell.batch} ${precision} ${tenants}`] ?? [0, [], 0];
		return twice(cell, images, without === undefined ? joules : joules.map(() => without), latency_s);
	});
// 60 W before, 80 W after.
const idles = [gpuIdle(0, "before", 60), gpuIdle(0, "after", 80)] as const;

const written = async (name: string, records: readonly JournalRecord[]) => {
	await writeMeasuredDataset(
		join(root, name),
		{ ...plan, name },
		[[...gpuHead({ ...plan, name }, "Test GPU"), ...records]],
		{
			dataset: join(root, "raw", name),
		},
	);
};
const measured = async (name: string): Promise<MeasuredVideoGpu> => {
	const gpu = await readVideoGpu(join(root, "raw", name));
	if (gpu.status === "unavailable") throw new Error(gpu.reason);
	return gpu;
};

describe("the Video pipeline measured on a GPU", () => {
	const options = { precision: "fp16", idle_power_w: 70, arrival_rate_rps: 50 } as const;

	test("its stages hold the cells of one precision alone on the GPU, each with its own measured numbers", async () => {
		await written("whole", [idles[0], ...windows(), idles[1]]);
		const { evidence, idle } = await measured("whole");
		expect(idle).toEqual({ status: "available", value: { power_w: 70, least_w: 70, most_w: 70 } });
		const built = videoGpuPipeline(evidence, await readPipeline(), options);
		if (built.status === "unavailable") throw new Error(built.reason);
		const { stages, allocation_mode, weights } = built.spec;
		expect(stages.map(({ points }) => points.map(({ variant, batch, cores }) => [variant, batch, cores]))).toEqual([
			[
				["yolov5n", 2, 1],
				["yolov5x", 1, 1],
			],
			[["resnet18", 4, 1]],
		]);
		// yolov5n: 1948 J of 974 images by 2; no deviation between two windows of the same joules.
		expect(stages[0]?.points[0]).toEqual({
			variant: "yolov5n",
			accuracy_pct: 45.7,
			cores: 1,
			batch: 2,
			latency_s: 0.02,
			throughput_rps: 97.4,
			kind: "measured",
			energy: {
				energy_j_per_batch: 4,
				energy_se_j_per_batch: 0,
				kind: "measured",
				idle_power_w: 70,
				idle_kind: "measured",
			},
		});
		expect([allocation_mode, weights.delta, built.leftOut]).toEqual(["variable", 0, 1]);
		// 97.4 images/s in batches of 2 come each 20.53 ms, of which 20 ms are latency.
		expect(built.beyondLatency).toBeCloseTo(0.026, 12);
	});

	test("the energy of a request is measured through and through, and comes to what a sheet of paper says", async () => {
		const { evidence } = await measured("whole");
		const built = videoGpuPipeline(evidence, await readPipeline(), { ...options, delta: 1e6 });
		if (built.status === "unavailable") throw new Error(built.reason);
		// So dear an energy takes yolov5n. 50/s by 2 keep a GPU busy for 25 x 0.02 = 0.5 of its time at 4 J / 0.02 s = 200 W,
		// the rest at 70 W: 135 W. ResNet-18: 12.5 x 0.01 = 0.125 at 1 J / 0.01 s = 100 W, the rest at 70 W: 73.75 W.
		const found = optimize(built.spec);
		if (found.status === "infeasible") throw new Error(found.detail);
		const { energy, stages, cost_cores } = found.configuration;
		if (energy.status === "unavailable") throw new Error(energy.reason);
		expect(stages.map(({ variant, replicas }) => [variant, replicas])).toEqual([
			["yolov5n", 1],
			["resnet18", 1],
		]);
		expect(energy.energy_j_per_request).toBeCloseTo((135 + 73.75) / 50, 12);
		expect([energy.kind, energy.marginal_kind, cost_cores]).toEqual(["measured", "measured", 2]);
	});

	test("a precision or a stage that was not measured is unavailable, with the stage's name", async () => {
		const { evidence } = await measured("whole");
		const video = await readPipeline();
		const single = videoGpuPipeline(evidence, video, { ...options, precision: "fp32" });
		expect(single).toEqual({
			status: "unavailable",
			reason: "the stage classification has no cell in fp32 with an energy and without a flag",
		});
	});
});

describe("the dataset", () => {
	test("that is not there, or is a trial on a CPU, is unavailable with the command that measures", async () => {
		const none = await readVideoGpu(join(root, "raw", "none"));
		expect(none).toMatchObject({ status: "unavailable", reason: "not measured yet" });
		expect(none.status === "unavailable" && none.remedy).toContain(
			"`npx sustainable-ipa measure video-gpu --dataset data/raw/video-gpu`",
		);
		await written("trial", windows("energy: no GPU"));
		expect(await readVideoGpu(join(root, "raw", "trial"))).toMatchObject({
			status: "unavailable",
			reason: "trial is barred: no measured energy: it can say nothing about energy",
		});
	});

	test("that is barred is named by `evaluate` with the reason, though none of its cells can be studied", async () => {
		const settings = await readEvaluationSettings(join(packageRoot, "data/evaluation.yaml"));
		const evidence = await readEvidence(join(root, "raw", "trial"));
		const { groups, datasets } = evaluate([evidence], settings);
		expect(groups).toEqual([]);
		expect(datasets).toMatchObject([{ dataset: "trial", cells: 0 }]);
		expect(Object.entries(datasets[0]?.leftOut ?? {})).toEqual([
			["barred: no measured energy: it can say nothing about energy", 7],
			[expect.stringContaining("energy unavailable: 0 of 2"), 7],
		]);
	});

	test("without closing idle power has none, and a damaged journal is a fault", async () => {
		await written("open", [idles[0], ...windows()]);
		expect((await measured("open")).idle).toEqual({
			status: "unavailable",
			reason: "no block has idle power before and after",
		});
		writeFileSync(join(root, "raw", "open", "journal.jsonl"), "{}\n");
		await expect(readVideoGpu(join(root, "raw", "open"))).rejects.toThrow("must have the sha256");
	});
});
