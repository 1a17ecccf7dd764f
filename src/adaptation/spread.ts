/**
 * Adds a constant rate over a stretch of time to the intervals that it crosses: `into[k]` grows by the rate times the
 * seconds of interval k within the stretch. What lies past the last interval is added to the last.
 *
 * @param into one entry an interval
 * @param rate per second
 */
export function spread(into: Float64Array, rate: number, from_s: number, until_s: number, interval_s: number): void {
	const last = into.length - 1;
	let at_s = from_s;
	for (let k = Math.min(last, Math.floor(from_s / interval_s)); at_s < until_s; k++) {
		const end_s = k >= last ? until_s : Math.min(until_s, (k + 1) * interval_s);
		into[Math.min(k, last)] = (into[Math.min(k, last)] as number) + rate * (end_s - at_s);
		at_s = end_s;
	}
}
