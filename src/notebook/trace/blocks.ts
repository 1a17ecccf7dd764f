/** Means over blocks of `every` values. */
export function blockMeans(values: Float64Array, every: number): number[] {
	return blocks(values, every, (sum, count) => sum / count);
}

/** Running totals at the end of each block of `every` values. */
export function runningTotals(values: Float64Array, every: number): number[] {
	let total = 0;
	return blocks(values, every, (sum) => {
		total += sum;
		return total;
	});
}

function blocks(values: Float64Array, every: number, of: (sum: number, count: number) => number): number[] {
	return Array.from({ length: Math.ceil(values.length / every) }, (_, block) => {
		const own = values.subarray(block * every, (block + 1) * every);
		const shown = of(
			own.reduce((sum, value) => sum + value, 0),
			own.length,
		);
		// More digits than a line shows would only make the notebook larger.
		return Number(shown.toPrecision(5));
	});
}
