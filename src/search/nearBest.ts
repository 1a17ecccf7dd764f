import type { PipelineSpec } from "../pipeline/spec.js";
import type { Item } from "./items.js";
import type { Limits } from "./limits.js";

/**
 * The best feasible choices, best first, by depth-first branch and bound: at most `count`, none below `floor`. A choice
 * is the index of an item for each stage.
 */
export function nearBest(
	spec: PipelineSpec,
	items: readonly (readonly Item[])[],
	limits: Limits,
	{ count, floor = Number.NEGATIVE_INFINITY }: { count: number; floor?: number },
): number[][] {
	const { alpha } = spec.weights;
	const product = spec.accuracy_method === "product";
	const scale = spec.accuracy_method === "average" ? 1 / items.length : 1;
	// What the stages from s on can still do at best.
	const least = (read: (item: Item) => number) => {
		const sums = [0];
		for (const own of items.toReversed()) sums.unshift((sums[0] as number) + Math.min(...own.map(read)));
		return sums;
	};
	const leastLatency = least(({ latency_s }) => latency_s);
	const leastPenalty = least(({ penalty }) => penalty);
	const leastCost = least(({ cost_cores }) => cost_cores);
	const leastEnergy = least(({ energy_j }) => energy_j ?? 0);
	const leastLoss = least(({ accuracy, penalty }) => penalty - alpha * scale * accuracy);
	const mostAccuracy = [product ? 1 : 0];
	for (const own of items.toReversed()) {
		const most = Math.max(...own.map(({ accuracy }) => accuracy));
		const after = mostAccuracy[0] as number;
		mostAccuracy.unshift(product ? after * most : after + most);
	}
	const order = items.map((own) =>
		own
			.map((item, index) => ({ item, index }))
			.sort((a, b) => alpha * scale * (b.item.accuracy - a.item.accuracy) - (b.item.penalty - a.item.penalty)),
	);

	const found: { choice: number[]; objective: number }[] = [];
	const bar = () => (found.length < count ? floor : Math.max(floor, (found.at(-1) as { objective: number }).objective));
	const path: number[] = [];
	const extend = (s: number, latency_s: number, accuracy: number, penalty: number, cost: number, energy: number) => {
		const combined = product
			? accuracy * (mostAccuracy[s] as number)
			: (accuracy + (mostAccuracy[s] as number)) * scale;
		const bound = product
			? alpha * combined - penalty - (leastPenalty[s] as number)
			: alpha * scale * accuracy - penalty - (leastLoss[s] as number);
		const reach_s = latency_s + (leastLatency[s] as number);
		if (reach_s > limits.latency_s * (1 + 1e-12)) return;
		if (cost + (leastCost[s] as number) > limits.cost_cores || energy + (leastEnergy[s] as number) > limits.energy_j)
			return;
		if (combined < limits.accuracy - 1e-12) return;
		const best = bar();
		if (found.length >= count ? bound <= best : bound < best) return;
		const own = order[s];
		if (own === undefined) {
			if (limits.strict ? latency_s >= limits.latency_s : latency_s > limits.latency_s) return;
			let at = found.length;
			while (at > 0 && (found[at - 1] as { objective: number }).objective < bound) at--;
			found.splice(at, 0, { choice: [...path], objective: bound });
			found.length = Math.min(found.length, count);
			return;
		}
		for (const { item, index } of own) {
			path.push(index);
			extend(
				s + 1,
				latency_s + item.latency_s,
				product ? accuracy * item.accuracy : accuracy + item.accuracy,
				penalty + item.penalty,
				cost + item.cost_cores,
				energy + (item.energy_j ?? 0),
			);
			path.pop();
		}
	};
	extend(0, 0, product ? 1 : 0, 0, 0, 0);
	return found.map(({ choice }) => choice);
}
