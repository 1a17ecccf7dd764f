/** Weights of an LSTM layer followed by one dense unit, in Keras' layout: gate order input, forget, cell, output. */
export interface LstmWeights {
	readonly units: number;
	/** [1][4 x units] input weights. */
	readonly kernel: readonly (readonly number[])[];
	/** [units][4 x units] recurrent weights. */
	readonly recurrent: readonly (readonly number[])[];
	/** [4 x units] */
	readonly bias: readonly number[];
	/** [units] */
	readonly dense: readonly number[];
	readonly denseBias: number;
	/** Inputs and output are divided by this (requests/s). */
	readonly scale_rps: number;
	/** Inputs a prediction needs. */
	readonly inputs: number;
}

/**
 * Forward pass of a univariate LSTM (relu activation, sigmoid gates) with one dense output, as trained by
 * `sustainable-ipa train`.
 *
 * @param weights the trained weights
 * @returns a predictor from the last `inputs` values (requests/s) to the next value (requests/s)
 */
export function lstmPredictor(weights: LstmWeights): (history: ArrayLike<number>) => number {
	const { units, inputs, scale_rps } = weights;
	const width = 4 * units;
	const kernel = Float64Array.from(weights.kernel[0] as readonly number[]);
	const recurrent = Float64Array.from(weights.recurrent.flat());
	const bias = Float64Array.from(weights.bias);
	const gates = new Float64Array(width);
	const hidden = new Float64Array(units);
	const cell = new Float64Array(units);
	return (history) => {
		hidden.fill(0);
		cell.fill(0);
		for (let t = history.length - inputs; t < history.length; t++) {
			const x = (history[t] as number) / scale_rps;
			for (let g = 0; g < width; g++) gates[g] = (bias[g] as number) + x * (kernel[g] as number);
			for (let u = 0; u < units; u++) {
				const h = hidden[u] as number;
				// Relu leaves many units at zero.
				if (h === 0) continue;
				const row = u * width;
				for (let g = 0; g < width; g++) gates[g] = (gates[g] as number) + h * (recurrent[row + g] as number);
			}
			for (let u = 0; u < units; u++) {
				const candidate = Math.max(0, gates[2 * units + u] as number);
				cell[u] = sigmoid(gates[units + u] as number) * (cell[u] as number) + sigmoid(gates[u] as number) * candidate;
				hidden[u] = sigmoid(gates[3 * units + u] as number) * Math.max(0, cell[u] as number);
			}
		}
		let out = weights.denseBias;
		for (let u = 0; u < units; u++) out += (hidden[u] as number) * (weights.dense[u] as number);
		return Math.max(0, out * scale_rps);
	};
}

function sigmoid(x: number): number {
	return 1 / (1 + Math.exp(-x));
}
