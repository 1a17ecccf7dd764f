import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvaluationSettings } from "../../src/datasets/dataFiles.js";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { packageRoot } from "../../src/datasets/root.js";
import { evaluate } from "../../src/evaluation/evaluate.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import { writeSweepDataset } from "../../src/measurement/gpuSweep/dataset.js";
import { type MeasuredVideoGpu, readVideoGpu } from "../../src/measurement/gpuSweep/readVideoGpu.js";
import { videoGpuPipeline } from "../../src/profiles/evidencePipelines.js";
import { optimize } from "../../src/search/optimum.js";

let root: string;
beforeAll(() => {
	root = mkdtempSync(join(tmpdir(), "video-gpu-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const at = "2026-01-02T03:04:05+00:00";
const seen = (energy_j: number, seconds: number) => ({
	start_s: 0,
	end_s: seconds,
	counter: { status: "available", energy_j },
	integrated: { status: "available", energy_j },
	power_source: "NVML_FI_DEV_POWER_INSTANT",
	power_samples: 100,
	state: {},
});

/** A window of 10 s: its images, joules and latency of a batch. */
const window = (cell: string, repetition: number, images: number, energy_j: number, latency_s: number) => {
	const batch = Number(/b(\d+)/.exec(cell)?.[1]);
	return {
		type: "window",
		call: 0,
		key: `${cell}#${repetition}`,
		cell,
		repetition,
		control: false,
		at,
		...seen(energy_j, 10),
		warm_ups: [{ batches: 9, seconds: 1, settled: true }],
		batches: images / batch,
		images,
		latency_s: { count: 100, mean: latency_s, sd: 0, p50: latency_s, p99: latency_s, max: latency_s },
		draw_s: 0,
		stages_s: cell.includes("+") ? [latency_s / 2, latency_s / 2] : [latency_s],
	};
};
const twice = (cell: string, images: number, energy_j: number, latency_s: number) => [
	window(cell, 0, images, energy_j, latency_s),
	window(cell, 1, images, energy_j, latency_s),
];

const windows = [
	// 10 s of 2 images each 20 ms, less 2.5 % of the time for the drawing: 975 images, 2 J each.
	...twice("yolov5n/fp16/b2", 975, 1950, 0.02),
	...twice("yolov5x/fp16/b1", 200, 2400, 0.05),
	...twice("resnet18/fp16/b4", 4000, 1000, 0.01),
	// Another precision, other tenants and both stages together are no points of the stages' profiles.
	...twice("yolov5n/fp32/b2", 500, 2000, 0.04),
	...twice("yolov5n/fp16/b2/x2", 1200, 2000, 0.03),
	...twice("yolov5n+resnet18/fp16/b1", 400, 1600, 0.025),
	// 10 % apart: the interval of two is wider than 3 %, so the cell is flagged and left out.
	window("resnet50/fp16/b4", 0, 2000, 1000, 0.02),
	window("resnet50/fp16/b4", 1, 2000, 1100, 0.02),
];
const header = {
	type: "header",
	version: 1,
	created_at: at,
	seed: 7,
	window_s: 10,
	repetitions: 2,
	idle_s: 30,
	device: "cuda",
	grid: [...new Set(windows.map(({ cell }) => cell))],
	gpu: { name: "Test GPU", uuid: "GPU-1", driver: "555" },
	software: { torch: "2.9", threads: 8 },
	parameters: {},
};
const call = { type: "call", call: 0, at, settings: {} };
// 1800 J and 2400 J in 30 s: 60 W before, 80 W after.
const idles = [
	{ type: "idle", call: 0, when: "before", ...seen(1800, 30) },
	{ type: "idle", call: 0, when: "after", ...seen(2400, 30) },
];

const written = async (name: string, records: readonly object[]) => {
	const file = join(root, `${name}.jsonl`);
	writeFileSync(file, `${records.map((record) => JSON.stringify(record)).join("\n")}\n`);
	await writeSweepDataset([file], join(root, "raw", name));
};
const measured = async (name: string): Promise<MeasuredVideoGpu> => {
	const gpu = await readVideoGpu(join(root, "raw", name));
	if (gpu.status === "unavailable") throw new Error(gpu.reason);
	return gpu;
};

describe("the Video pipeline measured on a GPU", () => {
	const options = { precision: "fp16", idle_power_w: 70, arrival_rate_rps: 50 } as const;

	test("its stages hold the cells of one precision alone on the GPU, each with its own measured numbers", async () => {
		await written(
			"whole",
			[header, call, idles[0], ...windows, idles[1]].filter((one) => one !== undefined),
		);
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
		// yolov5n: 1950 J of 975 images by 2; no deviation between two windows of the same joules.
		expect(stages[0]?.points[0]).toEqual({
			variant: "yolov5n",
			accuracy_pct: 45.7,
			cores: 1,
			batch: 2,
			latency_s: 0.02,
			throughput_rps: 97.5,
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
		// 97.5 images/s in batches of 2 come each 20.51 ms, of which 20 ms are latency.
		expect(built.beyondLatency).toBeCloseTo(0.025, 12);
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
			"`npx sustainable-ipa sweep --run --python PYTHON --journal none.jsonl --out data/raw/none`",
		);
		const without = windows.map((one) => ({ ...one, counter: { status: "unavailable", reason: "energy: no GPU" } }));
		await written("trial", [{ ...header, device: "cpu" }, call, ...without]);
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
		await written("open", [header, call, idles[0] as object, ...windows]);
		expect((await measured("open")).idle).toEqual({
			status: "unavailable",
			reason: "no call has idle power before and after",
		});
		writeFileSync(join(root, "raw", "open", "journal.jsonl"), "{}\n");
		await expect(readVideoGpu(join(root, "raw", "open"))).rejects.toThrow("must have the sha256");
	});
});
