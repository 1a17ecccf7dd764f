/**
 * Ranks from 1 to n; ties share the average of the ranks that they span (mid-ranks).
 * Values are compared exactly: two that differ in the last bit are not tied. Finite values only.
 *
 * @example
 * ranks([10, 20, 20, 30]); // 1, 2.5, 2.5, 4
 */
export function ranks(values: ArrayLike<number>): Float64Array {
	const n = values.length;
	// The native sort of a typed array without a comparator is several times faster than sorting indices.
	const sorted = Float64Array.from(values).sort();
	const distinct = new Float64Array(n);
	const average = new Float64Array(n);
	let count = 0;
	for (let start = 0; start < n; ) {
		let end = start + 1;
		while (end < n && sorted[end] === sorted[start]) end++;
		distinct[count] = sorted[start] as number;
		average[count++] = (start + 1 + end) / 2;
		start = end;
	}
	const result = new Float64Array(n);
	for (let i = 0; i < n; i++) result[i] = average[lowerBound(distinct, count, values[i] as number)] as number;
	return result;
}

/** The first index below `length` whose value is at least `value`, in an ascending array. */
function lowerBound(ascending: Float64Array, length: number, value: number): number {
	let low = 0;
	let high = length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((ascending[middle] as number) < value) low = middle + 1;
		else high = middle;
	}
	return low;
}
