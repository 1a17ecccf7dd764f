import type { Label } from "./labels.js";
import type { Limits } from "./limits.js";

/** Labels that no other dominates. Sums need latency and value alone, unless a bound asks for more. */
export function undominated(labels: Label[], product: boolean, weight: number, limits: Limits): Label[] {
	const extra =
		Number.isFinite(limits.cost_cores) || Number.isFinite(limits.energy_j) || Number.isFinite(limits.accuracy);
	labels.sort((a, b) => a.latency_s - b.latency_s || weight * (b.accuracy - a.accuracy) - (b.penalty - a.penalty));
	const kept: Label[] = [];
	if (!product && !extra) {
		let best = Number.NEGATIVE_INFINITY;
		for (const label of labels) {
			const value = weight * label.accuracy - label.penalty;
			if (value <= best) continue;
			best = value;
			kept.push(label);
		}
		return kept;
	}
	if (!extra) return undominatedProduct(labels);
	for (const label of labels)
		if (
			!kept.some(
				(other) =>
					other.accuracy >= label.accuracy &&
					other.penalty <= label.penalty &&
					other.cost_cores <= label.cost_cores &&
					other.energy_j <= label.energy_j,
			)
		)
			kept.push(label);
	return kept;
}

/** Staircase of (accuracy, penalty) seen so far, by rising accuracy: labels come by rising latency. */
function undominatedProduct(labels: readonly Label[]): Label[] {
	const kept: Label[] = [];
	const accuracies: number[] = [];
	const penalties: number[] = [];
	for (const label of labels) {
		// First step with at least this accuracy: it has the least penalty among all of them.
		let low = 0;
		let high = accuracies.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((accuracies[middle] as number) < label.accuracy) low = middle + 1;
			else high = middle;
		}
		if (low < accuracies.length && (penalties[low] as number) <= label.penalty) continue;
		kept.push(label);
		let from = low;
		while (from > 0 && (penalties[from - 1] as number) >= label.penalty) from--;
		accuracies.splice(from, low - from, label.accuracy);
		penalties.splice(from, low - from, label.penalty);
	}
	return kept;
}
