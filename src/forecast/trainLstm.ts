import { missingPart } from "../parts.js";
import { seeded, shuffled } from "../random.js";
import type { LstmWeights } from "./lstm.js";
import type { ForecastSamples } from "./samples.js";

export interface TrainingOptions {
	readonly units: number;
	readonly epochs: number;
	readonly batch: number;
	readonly learningRate: number;
	/** Of the initial weights and the order of the samples. */
	readonly seed: number;
	/** Called after each epoch with its mean loss, (requests/s / scale)^2. */
	readonly onEpoch?: (epoch: number, loss: number) => void;
}

/** IPA's: 25 units, Adam; batches and epochs fewer than its 64 and 30, since these weights are trained on a CPU. */
export const lstmTraining: TrainingOptions = { units: 25, epochs: 10, batch: 128, learningRate: 1e-3, seed: 7 };

/**
 * Trains IPA's LSTM (relu, one dense unit, mean squared error) with TensorFlow.js on the CPU: the same seed gives the
 * same weights. Loads are divided by the largest of the training samples.
 */
export async function trainLstm(samples: ForecastSamples, options: TrainingOptions = lstmTraining) {
	// TensorFlow.js takes a second to load and greets on standard error: only where it is asked for.
	const tf = await import("@tensorflow/tfjs").catch((cause) => {
		throw missingPart(["@tensorflow/tfjs"], "training the LSTM", cause);
	});
	await tf.setBackend("cpu");
	const { units, epochs, batch, learningRate, seed, onEpoch } = options;
	const { width, count, inputs, targets } = samples;
	const scale_rps = Math.max(1, largest(inputs), largest(targets));
	const model = tf.sequential({
		layers: [
			tf.layers.lstm({
				units,
				activation: "relu",
				recurrentActivation: "sigmoid",
				inputShape: [width, 1],
				kernelRegularizer: tf.regularizers.l1({ l1: 1e-5 }),
			}),
			tf.layers.dense({ units: 1 }),
		],
	});
	model.compile({ optimizer: tf.train.adam(learningRate), loss: "meanSquaredError" });
	const random = seeded(seed);
	// TensorFlow.js does not keep to a seed in its initial weights: Glorot's uniform ones are drawn here instead, for the
	// recurrent weights too (Keras starts those orthogonal); biases stay as they are, 1 for the forget gate.
	const glorot = ([rows, columns]: number[]) =>
		tf.tensor2d(
			Float32Array.from(
				{ length: (rows as number) * (columns as number) },
				() => Math.sqrt(6 / ((rows as number) + (columns as number))) * (2 * random() - 1),
			),
			[rows as number, columns as number],
		);
	model.setWeights(model.getWeights().map((own) => (own.rank === 2 ? glorot(own.shape) : own)));
	const losses: number[] = [];
	for (let epoch = 0; epoch < epochs; epoch++) {
		// TensorFlow.js shuffles by Math.random: the order is made here instead, from the seed.
		const order = shuffled(random, [...Array(count).keys()]);
		const x = new Float32Array(count * width);
		const y = new Float32Array(count);
		for (const [to, from] of order.entries()) {
			for (let i = 0; i < width; i++) x[to * width + i] = (inputs[from * width + i] as number) / scale_rps;
			y[to] = (targets[from] as number) / scale_rps;
		}
		const xs = tf.tensor3d(x, [count, width, 1]);
		const ys = tf.tensor2d(y, [count, 1]);
		const { history } = await model.fit(xs, ys, { epochs: 1, batchSize: batch, shuffle: false, verbose: 0 });
		tf.dispose([xs, ys]);
		losses.push(history.loss?.[0] as number);
		onEpoch?.(epoch + 1, losses.at(-1) as number);
	}
	const [kernel, recurrent, bias, dense, denseBias] = model.getWeights().map((tensor) => tensor.arraySync());
	const weights: LstmWeights = {
		units,
		kernel: kernel as number[][],
		recurrent: recurrent as number[][],
		bias: bias as number[],
		dense: (dense as number[][]).map(([weight]) => weight as number),
		denseBias: (denseBias as number[])[0] as number,
		scale_rps,
		inputs: width,
	};
	return { weights, losses, model };
}

function largest(values: Float64Array): number {
	return values.reduce((max, value) => Math.max(max, value), 0);
}
