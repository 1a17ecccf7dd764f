/** Inputs and targets of a load predictor, flat: input i of sample n is `inputs[n * width + i]`. */
export interface ForecastSamples {
	readonly width: number;
	readonly count: number;
	/** Maxima of the last `width` blocks, oldest first, requests/s. */
	readonly inputs: Float64Array;
	/** Maximum of the blocks after them, requests/s. */
	readonly targets: Float64Array;
	/** Samples left out since a second of theirs is a gap of the recording. */
	readonly leftOut: number;
}

export interface ForecastShape {
	/** Seconds of a block whose maximum is an input (IPA: 10). */
	readonly step_s: number;
	/** Blocks that a prediction sees (IPA: 12, two minutes). */
	readonly width: number;
	/** Blocks ahead whose maximum is the target (IPA: 2, twenty seconds). */
	readonly ahead: number;
}

/** IPA's own shape: the maxima of 10 s over 2 minutes, to the maximum of the next 20 s. */
export const ipaForecast: ForecastShape = { step_s: 10, width: 12, ahead: 2 };

/**
 * Samples from seconds `from_s` to `until_s` of a trace, one a block. IPA's code deletes the gaps of the recording and
 * glues what is around them; here a sample that touches a gap is left out, so that no sample spans hours.
 *
 * @param rps load in each second
 * @param gap whether a second was not recorded
 */
export function forecastSamples(
	rps: ArrayLike<number>,
	gap: (second: number) => boolean,
	[from_s, until_s]: readonly [number, number],
	{ step_s, width, ahead }: ForecastShape = ipaForecast,
): ForecastSamples {
	const blocks = Math.floor((until_s - from_s) / step_s);
	const maxima = new Float64Array(blocks);
	const gaps = new Uint8Array(blocks);
	for (let block = 0; block < blocks; block++)
		for (let second = from_s + block * step_s; second < from_s + (block + 1) * step_s; second++) {
			maxima[block] = Math.max(maxima[block] as number, rps[second] as number);
			if (gap(second)) gaps[block] = 1;
		}
	const possible = Math.max(0, blocks - width - ahead + 1);
	const inputs = new Float64Array(possible * width);
	const targets = new Float64Array(possible);
	let count = 0;
	for (let first = 0; first < possible; first++) {
		if (gaps.subarray(first, first + width + ahead).includes(1)) continue;
		inputs.set(maxima.subarray(first, first + width), count * width);
		targets[count++] = Math.max(...maxima.subarray(first + width, first + width + ahead));
	}
	return {
		width,
		count,
		inputs: inputs.subarray(0, count * width),
		targets: targets.subarray(0, count),
		leftOut: possible - count,
	};
}
