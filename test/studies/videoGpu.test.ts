import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import { checkout, executeNotebook } from "../../src/jupyter/execute.js";
import { readVideoGpu, type VideoGpu } from "../../src/measurement/readVideoGpu.js";
import { type Figure, plotlyMime } from "../../src/report/house.js";
import { videoGpuFigures } from "../../src/report/videoGpuFigures.js";
import { gpuChoices, videoGpu } from "../../src/studies/videoGpu.js";
import { lawOf, writeSyntheticVideoGpu } from "../measurement/gpuJournal.js";

let root: string;
let gpu: VideoGpu;
beforeAll(async () => {
	// Inside the checkout, so that the notebook's copy finds the package.
	mkdirSync(join(checkout, ".jupyter"), { recursive: true });
	root = mkdtempSync(join(checkout, ".jupyter", "video-gpu-"));
	await writeSyntheticVideoGpu(join(root, "run"), join(root, "raw", "video-gpu"));
	gpu = await readVideoGpu(join(root, "raw", "video-gpu"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Energy of an image by the law that the journal was written with, J. */
function joules(variant: string, precision: string, batch: number): number {
	const cell = { variant, batch, knobs: { precision } };
	const { stages_s, dynamic_j } = lawOf(cell);
	const time_s = stages_s.reduce((sum, value) => sum + value, 0) + 1e-4 + 1e-6 * cell.batch;
	return (120 * time_s + dynamic_j) / cell.batch;
}

function value<T>(outcome: { status: "available"; value: T } | { status: "unavailable"; reason: string }): T {
	if (outcome.status === "unavailable") throw new Error(outcome.reason);
	return outcome.value;
}

interface Drawn {
	readonly name: string;
	readonly x: readonly number[];
	readonly y: readonly number[];
}
const drawn = ({ data }: Figure) => (data as unknown as Drawn[]).filter(({ x }) => x[0] !== null);

describe("figures of a sweep whose law is known", () => {
	test("energy against latency: seven batches a variant, of one stage and precision, on the law's points", () => {
		const traces = drawn(value(videoGpuFigures(gpu).detection.byMetric.latency_s));
		expect(traces.map(({ name, x }) => [name, x.length])).toEqual(
			["yolov5n", "yolov5s", "yolov5m", "yolov5l", "yolov5x"].map((name) => [name, 7]),
		);
		const large = traces.find(({ name }) => name === "yolov5x");
		// Batch 64 of 206 GFLOP at 100 TFLOP/s.
		expect((large?.x[6] as number) / ((64 * 206) / 1e5)).toBeCloseTo(1, 2);
		expect((large?.y[6] as number) / joules("yolov5x", "fp16", 64)).toBeCloseTo(1, 2);
	});

	test("fp32 over fp16, and integrated power 1 % over the counter", () => {
		const [small] = drawn(value(videoGpuFigures(gpu).classification.precision));
		expect([small?.name, small?.x]).toEqual(["resnet18", [1, 2, 4, 8, 16, 32, 64]]);
		expect(small?.y[6]).toBeCloseTo(joules("resnet18", "fp32", 64) / joules("resnet18", "fp16", 64), 1);
		const points = drawn(value(videoGpuFigures(gpu).agreement)).flatMap(({ y }) => y);
		expect(points).toHaveLength(163);
		expect(points.reduce((sum, y) => sum + y, 0) / 163).toBeCloseTo(1, 1);
	});

	test("tenants against one alone; the pipeline against its stages added", () => {
		const rows = value(videoGpu(gpu).tenants);
		expect(rows).toHaveLength(12);
		const four = rows.find((row) => row.variant === "yolov5s" && row.batch === 1 && row.tenants === 4);
		// Time of a batch: 6 ms x 4 / 1.6 and 0.1 ms of drawing, four at once; alone 6.1 ms.
		expect(four?.throughput_over_alone).toBeCloseTo((4 / 15.101) * 6.101, 1);
		expect(four?.latency_over_alone).toBeCloseTo(2.5, 1);
		expect(drawn(value(videoGpuFigures(gpu).tenants)).map(({ x }) => x)).toEqual(Array(4).fill([1, 2, 4]));
		const pairs = value(videoGpu(gpu).twoStages);
		expect(pairs).toHaveLength(15);
		const first = pairs.find((row) => row.pipeline === "yolov5n + resnet18" && row.batch === 1);
		const added = joules("yolov5n", "fp16", 1) + joules("resnet18", "fp16", 1);
		expect(first?.energy_over_added).toBeCloseTo(joules("yolov5n+resnet18", "fp16", 1) / added, 1);
		expect(first?.stages_added_energy_j_per_image).toBeCloseTo(added, 1);
	});

	test("the choices count GPUs and rest on measurements", async () => {
		const question = { precision: "fp16", delta: 1, rates_rps: [100] } as const;
		const [row] = value(gpuChoices(gpu, await readPipeline(), question).choices);
		expect(row?.without_energy).toContain("(1 GPU, batch");
		expect(row?.energy_kind).toBe("measured");
	});

	test("without the dataset each says so, and the first says how to get it", async () => {
		const none = await readVideoGpu(join(root, "raw", "nowhere"));
		expect(videoGpuFigures(none).agreement).toEqual({ status: "unavailable", reason: "not measured yet" });
		const question = { precision: "fp16", delta: 1, rates_rps: [100] } as const;
		expect(gpuChoices(none, await readPipeline(), question).choices).toMatchObject({
			reason: expect.stringContaining("npx sustainable-ipa measure video-gpu"),
		});
	});
});

test("the notebook draws it all on the real kernel where the dataset is there", { timeout: 300_000 }, async () => {
	const source = readFileSync(join(checkout, "notebooks", "video-gpu.ipynb"), "utf8");
	const copy = source.replace(/\$\{datasets\.dataRoot\}/, root);
	expect(copy).not.toBe(source);
	const file = join(root, "video-gpu.ipynb");
	writeFileSync(file, copy);
	const execution = await executeNotebook(file);
	expect(execution.status === "faulty" ? execution.faults : []).toEqual([]);
	const outputs = execution.notebook.cells.flatMap((cell) => (cell.cell_type === "code" ? cell.outputs : []));
	const data = outputs.flatMap((output) => (output.output_type === "display_data" ? [output.data] : []));
	expect(data.filter((own) => plotlyMime in own)).toHaveLength(10);
	expect(data.filter((own) => "text/html" in own)).toHaveLength(4);
	expect(JSON.stringify(data)).not.toContain("Unavailable");
});
