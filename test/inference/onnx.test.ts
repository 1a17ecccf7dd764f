import { existsSync, mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { graphBuilder } from "../../src/inference/graph.js";
import { fillInput, readJpeg } from "../../src/inference/image.js";
import { cachedModel, onnxFile } from "../../src/inference/modelCache.js";
import { modelGraph, modelNames, publishedCosts } from "../../src/inference/models.js";
import { onnxProcess } from "../../src/inference/onnxProcess.js";
import { realTime } from "../realTime.js";

const cache = mkdtempSync(join(tmpdir(), "models-"));
const image = join(packageRoot, "data/test-image.jpg");

describe("the networks", () => {
	test.each(modelNames)("%s has its published parameters and operations", (name) => {
		const { parameters, macs } = modelGraph(name);
		const published = publishedCosts(name);
		expect(parameters).toBe(published.parameters);
		// Published to one or two decimals; ultralytics' figures count some operations beside convolutions.
		expect(Math.abs((2 * macs) / 1e9 / published.gflops - 1)).toBeLessThan(0.01);
	});

	test("a small network against sums by hand", async () => {
		const g = graphBuilder("small", [3, 4, 4]);
		const pooled = g.maxPool(g.conv(g.input, 2, 3, { stride: 2, activation: "relu" }), 2, 2, 0);
		const graph = g.graph([[pooled.name, ["N", ...pooled.shape]]]);
		expect(graph.parameters).toBe(2 * 27 + 4);
		expect(graph.macs).toBe(27 * 2 * 2 * 2);
		// All kernel weights 1, both biases 0.5: the sum of what a 3 x 3 window sees, plus the bias.
		const folder = mkdtempSync(join(tmpdir(), "small-"));
		const weights = Float32Array.from({ length: 54 + 2 }, (_, i) => (i < 54 ? 1 : 0.5));
		writeFileSync(join(folder, "weights.bin"), new Uint8Array(weights.buffer));
		writeFileSync(join(folder, "model.onnx"), onnxFile(graph, "weights.bin"));
		const session = await InferenceSession.create(join(folder, "model.onnx"));
		const data = Float32Array.from({ length: 2 * 48 }, (_, i) => (i < 48 ? 1 : i - 48));
		const outputs = await session.run({ images: new Tensor("float32", data, [2, 3, 4, 4]) });
		const output = outputs[pooled.name] as Tensor;
		expect(output.dims).toEqual([2, 2, 1, 1]);
		// The first image is all ones: 27 + 0.5 in the middle. The second counts up: rows and columns 1 to 3 of each channel.
		const inner = [5, 6, 7, 9, 10, 11, 13, 14, 15].reduce((sum, value) => sum + value, 0);
		const counted = 3 * inner + 9 * (16 + 32) + 0.5;
		expect([...(output.data as Float32Array)]).toEqual([27.5, 27.5, counted, counted]);
	});
});

describe("the cache", () => {
	test("makes a model once, the same from the same seed, and again where it was cut", async () => {
		const file = await cachedModel("resnet18", 5, cache);
		const weights = join(file, "../weights.bin");
		const made = statSync(weights).mtimeMs;
		await cachedModel("resnet18", 5, cache);
		expect(statSync(weights).mtimeMs).toBe(made);
		const before = readFileSync(weights).subarray(0, 4096);
		truncateSync(weights, 1000);
		await cachedModel("resnet18", 5, cache);
		expect(readFileSync(weights).subarray(0, 4096).equals(before)).toBe(true);
		// Batch normalisation is folded: a bias a channel in place of its two parameters.
		expect(statSync(weights).size / 4).toBeLessThan(publishedCosts("resnet18").parameters);
		const other = await cachedModel("resnet18", 6, cache);
		expect(readFileSync(join(other, "../weights.bin")).subarray(0, 4096).equals(before)).toBe(false);
	});
});

describe("a model's process", realTime, () => {
	test("runs batches, and keeps to its cores", async () => {
		const models = [await cachedModel("resnet18", 5, cache)];
		const process = await onnxProcess({ models, image, cores: 1 });
		const one = await process.runBatch(1);
		const four = await process.runBatch(4);
		expect(one).toBeGreaterThan(0.001);
		expect(four).toBeGreaterThan(one);
		if (process.pinned) {
			const status = readFileSync(`/proc/${process.pid}/status`, "utf8");
			expect(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]).toMatch(/^\d+$/);
		}
		await process.close();
	});

	test("a detector and a classifier as a pipeline", async () => {
		const models = [await cachedModel("yolov5n", 5, cache), await cachedModel("resnet18", 5, cache)];
		const pipeline = await onnxProcess({ models, image, cores: 1 });
		const detector = await onnxProcess({ models: models.slice(0, 1), image, cores: 1 });
		await pipeline.runBatch(2);
		await detector.runBatch(2);
		const median = async (run: () => Promise<number>) => {
			const taken = [await run(), await run(), await run(), await run(), await run()];
			return taken.sort((a, b) => a - b)[2] as number;
		};
		expect(await median(() => pipeline.runBatch(2))).toBeGreaterThan(await median(() => detector.runBatch(2)));
		await pipeline.close();
		await detector.close();
	});

	test("a model of the user's own, whatever its file is called", async () => {
		const g = graphBuilder("own", [3, 32, 32]);
		const graph = g.graph([[g.conv(g.input, 4, 3).name, ["N", 4, 32, 32]]]);
		const folder = mkdtempSync(join(tmpdir(), "own-"));
		const odd = `it's "my" $(touch pwned); model\n.onnx`;
		writeFileSync(join(folder, "weights.bin"), new Uint8Array(4 * (4 * 27 + 4)));
		writeFileSync(join(folder, odd), onnxFile(graph, "weights.bin"));
		const process = await onnxProcess({ models: [join(folder, odd)], image, cores: 1 });
		expect(await process.runBatch(3)).toBeGreaterThan(0);
		await process.close();
		expect(existsSync("pwned")).toBe(false);
	});

	test("what is no such model, and a process that is killed, are said", async () => {
		await expect(onnxProcess({ models: [image], image, cores: 1 })).rejects.toThrow(/test-image\.jpg/);
		const killed = await onnxProcess({ models: [await cachedModel("resnet18", 5, cache)], image, cores: 1 });
		process.kill(killed.pid, "SIGKILL");
		await expect(killed.runBatch(1)).rejects.toThrow(/process ended \(SIGKILL\)/);
	});
});

test("the shipped picture is not blank, and is resized by interpolation", () => {
	const pixels = readJpeg(image);
	expect([pixels.width, pixels.height, pixels.rgb.length]).toEqual([800, 600, 800 * 600 * 3]);
	expect(new Set(pixels.rgb).size).toBeGreaterThan(200);
	// 2 x 2 pixels, red 0, 100, 200, 50, to 1 x 1: their mean.
	const tiny = { width: 2, height: 2, rgb: Uint8Array.of(0, 0, 0, 100, 0, 0, 200, 0, 0, 50, 0, 0) };
	const into = new Float32Array(3);
	fillInput(tiny, { left: 0, top: 0, width: 2, height: 2 }, [1, 1], into);
	expect(into[0]).toBeCloseTo(350 / 4 / 255, 6);
	expect([into[1], into[2]]).toEqual([0, 0]);
});
