import type { IndexedItem } from "./prunedItems.js";

/** Price of a second of latency that makes the Lagrangian bound of the additive case least, by bisection. */
export function latencyPrice(stages: readonly (readonly IndexedItem[])[], weight: number, limit_s: number): number {
	const latencyAt = (lambda: number) =>
		stages.reduce((sum, own) => {
			let best = Number.NEGATIVE_INFINITY;
			let latency = 0;
			for (const { item } of own) {
				const value = weight * item.accuracy - item.penalty - lambda * item.latency_s;
				if (value > best) {
					best = value;
					latency = item.latency_s;
				}
			}
			return sum + latency;
		}, 0);
	if (latencyAt(0) <= limit_s) return 0;
	let low = 0;
	let high = 1;
	while (latencyAt(high) > limit_s && high < 1e12) high *= 4;
	for (let step = 0; step < 60; step++) {
		const middle = (low + high) / 2;
		if (latencyAt(middle) > limit_s) low = middle;
		else high = middle;
	}
	return high;
}
