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
	// By unit, then by unit before it, then by gate: a unit's four sums run over memory in order.
	const recurrent = new Float64Array(4 * units * units);
	for (let unit = 0; unit < units; unit++)
		for (let from = 0; from < units; from++)
			for (let gate = 0; gate < 4; gate++)
				recurrent[4 * (unit * units + from) + gate] = weights.recurrent[from]?.[gate * units + unit] as number;
	const kernel = Float64Array.from(weights.kernel[0] as readonly number[]);
	const bias = Float64Array.from(weights.bias);
	const before = new Float64Array(units);
	const hidden = new Float64Array(units);
	const cell = new Float64Array(units);
	const active = new Int32Array(units);
	const entry = (x: number, g: number) => (bias[g] as number) + x * (kernel[g] as number);
	return (history) => {
		hidden.fill(0);
		cell.fill(0);
		for (let t = history.length - inputs; t < history.length; t++) {
			const x = (history[t] as number) / scale_rps;
			// Relu leaves many units at zero.
			let count = 0;
			for (let u = 0; u < units; u++) if (hidden[u] !== 0) active[count++] = u;
			before.set(hidden);
			for (let u = 0; u < units; u++) {
				let input = entry(x, u);
				let forget = entry(x, units + u);
				let candidate = entry(x, 2 * units + u);
				let output = entry(x, 3 * units + u);
				for (let k = 0; k < count; k++) {
					const from = active[k] as number;
					const h = before[from] as number;
					const at = 4 * (u * units + from);
					input += h * (recurrent[at] as number);
					forget += h * (recurrent[at + 1] as number);
					candidate += h * (recurrent[at + 2] as number);
					output += h * (recurrent[at + 3] as number);
				}
				const state = sigmoid(forget) * (cell[u] as number) + sigmoid(input) * Math.max(0, candidate);
				cell[u] = state;
				hidden[u] = sigmoid(output) * Math.max(0, state);
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
