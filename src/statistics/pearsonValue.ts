/**
 * Pearson's r without its checks, for use inside of resampling: undefined where an input does not vary.
 * Two passes over deviations that are scaled by the largest, so that neither offset nor scale costs digits.
 * Inputs are finite and equally long.
 */
export function pearsonValue(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
	const n = x.length;
	const meanX = mean(x);
	const meanY = mean(y);
	let largestX = 0;
	let largestY = 0;
	for (let i = 0; i < n; i++) {
		largestX = Math.max(largestX, Math.abs((x[i] as number) - meanX));
		largestY = Math.max(largestY, Math.abs((y[i] as number) - meanY));
	}
	if (largestX <= 1e-13 * Math.abs(meanX) || largestY <= 1e-13 * Math.abs(meanY)) return undefined;
	let xx = 0;
	let yy = 0;
	let xy = 0;
	for (let i = 0; i < n; i++) {
		const dx = ((x[i] as number) - meanX) / largestX;
		const dy = ((y[i] as number) - meanY) / largestY;
		xx += dx * dx;
		yy += dy * dy;
		xy += dx * dy;
	}
	return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
}

function mean(values: ArrayLike<number>): number {
	const n = values.length;
	let sum = 0;
	for (let i = 0; i < n; i++) sum += (values[i] as number) / n;
	return sum;
}
