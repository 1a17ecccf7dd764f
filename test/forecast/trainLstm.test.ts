import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { readLstm } from "../../src/datasets/dataFiles.js";
import { packageRoot } from "../../src/datasets/root.js";
import { readTrace } from "../../src/datasets/trace.js";
import { lstmPredictor } from "../../src/forecast/lstm.js";
import { forecastSamples, ipaForecast, predictorErrors, splitSamples } from "../../src/forecast/samples.js";
import { trainLstm } from "../../src/forecast/trainLstm.js";
import { seeded } from "../../src/random.js";

const shipped = join(packageRoot, "data/models/lstm.json");

test("samples by hand: maxima of blocks, the maximum of the two after them, and none across a gap", () => {
	// Blocks of 2 s: maxima 1 2 3 4 5 6 7; the gap is in the sixth.
	const rps = [1, 0, 2, 1, 0, 3, 4, 4, 5, 0, 0, 6, 7, 7];
	const shape = { step_s: 2, width: 2, ahead: 2 };
	const whole = forecastSamples(rps, () => false, [0, 14], shape);
	expect([...whole.inputs]).toEqual([1, 2, 2, 3, 3, 4, 4, 5]);
	expect([...whole.targets]).toEqual([4, 5, 6, 7]);
	const cut = forecastSamples(rps, (second) => second === 10, [0, 14], shape);
	expect([...cut.targets]).toEqual([4, 5]);
	expect(cut.leftOut).toBe(2);
});

test("training is the same twice, lowers the loss, and the forward pass is TensorFlow's own", {
	timeout: 60_000,
}, async () => {
	const random = seeded(3);
	const rps = Array.from({ length: 3000 }, (_, i) => Math.round(10 + 8 * Math.sin(i / 100) + 2 * random()));
	const samples = forecastSamples(rps, () => false, [0, 3000], ipaForecast);
	const options = { units: 5, epochs: 3, batch: 32, learningRate: 0.01, seed: 11 };
	const first = await trainLstm(samples, options);
	const second = await trainLstm(samples, options);
	expect(second.weights).toEqual(first.weights);
	expect(first.losses[2] as number).toBeLessThan(first.losses[0] as number);
	const own = lstmPredictor(first.weights);
	const { scale_rps } = first.weights;
	for (const n of [0, 50, 200]) {
		const input = samples.inputs.subarray(12 * n, 12 * (n + 1));
		const x = tf.tensor3d(
			Float32Array.from(input, (value) => value / scale_rps),
			[1, 12, 1],
		);
		const [theirs] = (first.model.predict(x) as tf.Tensor).dataSync();
		expect(own(input)).toBeCloseTo((theirs as number) * scale_rps, 4);
	}
});

test("the shipped weights have the errors on the test week that their file states", async () => {
	const { weights, test: stated, training } = await readLstm(shipped);
	const { train, test: week } = splitSamples(await readTrace(join(packageRoot, "data/raw/twitter", training.trace)));
	expect([train.count, train.leftOut]).toEqual([training.samples, training.left_out_for_gaps]);
	const errors = predictorErrors(week, weights);
	const { predictor: _, ...lstm } = errors.find(({ predictor }) => predictor === "lstm") as (typeof errors)[number];
	expect(lstm.samples).toBe(stated.samples);
	expect(lstm.smape_pct).toBeCloseTo(stated.smape_pct, 6);
	expect(lstm.mae_rps).toBeCloseTo(stated.mae_rps, 6);
	// What it is trained for: nearer than repeating the last maximum.
	const reactive = errors.find(({ predictor }) => predictor === "reactive");
	expect(lstm.mae_rps).toBeLessThan(reactive?.mae_rps as number);
});

test("weights of the wrong length are named", async () => {
	const file = join(mkdtempSync(join(tmpdir(), "lstm-")), "lstm.json");
	const good = await readLstm(shipped);
	writeFileSync(file, JSON.stringify({ ...good, weights: { ...good.weights, dense: [1] } }));
	await expect(readLstm(file)).rejects.toThrow(/weights\.dense.*must have 25 entries.*1/);
	writeFileSync(file, JSON.stringify({ ...good, weights: { ...good.weights, scale_rps: 0 } }));
	await expect(readLstm(file)).rejects.toThrow(/weights\.scale_rps/);
});
