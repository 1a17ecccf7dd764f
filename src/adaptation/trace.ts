/**
 * Damps a per-second load as IPA does: integer division of every count.
 *
 * @param perSecond requests in each second
 * @param factor damping factor, an integer >= 1 (IPA's final experiments: 8)
 */
export function damped(perSecond: ArrayLike<number>, factor: number): Int32Array {
	const out = new Int32Array(perSecond.length);
	for (let i = 0; i < out.length; i++) out[i] = Math.floor((perSecond[i] as number) / factor);
	return out;
}

/** Maximum of each whole block of `step_s` seconds; a last partial block is left out. */
export function blockMaxima(perSecond: ArrayLike<number>, step_s: number): Float64Array {
	const out = new Float64Array(Math.floor(perSecond.length / step_s));
	for (let block = 0; block < out.length; block++) {
		let max = 0;
		for (let second = block * step_s; second < (block + 1) * step_s; second++)
			max = Math.max(max, perSecond[second] as number);
		out[block] = max;
	}
	return out;
}
