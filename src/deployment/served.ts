/** How many seconds' worth of its capacity a deployment lets wait before it drops requests: IPA's `drop_limit` on Video. */
export const queue_s = 10;

/**
 * Requests served in each second, by a queue in front of a capacity: what cannot be served waits, up to `queueSeconds` of
 * the capacity, and the rest is dropped. Longer than the load by the seconds in which the queue drains.
 *
 * @param load_rps requests sent in each second
 * @example
 * served([4, 0], 2); // [2, 2, 0, 0, …]
 */
export function served(load_rps: ArrayLike<number>, capacity_rps: number, queueSeconds = queue_s): Float64Array {
	const served_rps = new Float64Array(load_rps.length + queueSeconds);
	let waiting = 0;
	for (let second = 0; second < served_rps.length; second++) {
		const there = waiting + (load_rps[second] ?? 0);
		const now = Math.min(there, capacity_rps);
		served_rps[second] = now;
		waiting = Number.isFinite(capacity_rps) ? Math.min(there - now, queueSeconds * capacity_rps) : 0;
	}
	return served_rps;
}

/** Means of consecutive stretches of `size` values; a shorter rest at the end is left out. */
export function meansOf(values: ArrayLike<number>, size: number): Float64Array {
	return Float64Array.from({ length: Math.floor(values.length / size) }, (_, k) => {
		let sum = 0;
		for (let i = 0; i < size; i++) sum += values[k * size + i] as number;
		return sum / size;
	});
}
