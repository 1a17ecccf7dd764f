import type { StageChoice } from "../pipeline/configuration.js";
import type { PipelineOptions, StageOption } from "../pipeline/options.js";
import { type Item, itemOf, type Limits } from "./items.js";
import { type Sums, withItem } from "./prices.js";
import { relaxation } from "./relaxation.js";

/** Choices near the best, best first. */
export interface Near {
	readonly choices: readonly (readonly StageChoice[])[];
	/** False where the search was stopped: others may be as good, or better. */
	readonly whole: boolean;
}

/**
 * The best feasible choices, best first, replicas beyond the fewest included, by depth-first branch and bound: at most
 * `count`. With a `floor`, any `count` that are not below it.
 *
 * @param items as stageItems gives them
 */
export function nearBest(
	{ spec, stages }: PipelineOptions,
	items: readonly (readonly Item[])[],
	limits: Limits,
	{ count, floor, stop }: { count: number; floor?: number | undefined; stop?: (() => boolean) | undefined },
): Near {
	const product = spec.accuracy_method === "product";
	const weight = spec.weights.alpha * (spec.accuracy_method === "average" ? 1 / items.length : 1);
	const { bound } = relaxation(spec, items, limits, { drop: false });
	const order = items.map((own) =>
		own.toSorted((a, b) => weight * (b.accuracy - a.accuracy) - (b.penalty - a.penalty)),
	);
	const found: { readonly choice: readonly StageChoice[]; readonly objective: number }[] = [];
	const path: StageChoice[] = [];
	let asked = 0;
	let whole = true;
	/** What a choice must have more than to be kept. */
	let bar = floor ?? Number.NEGATIVE_INFINITY;

	extend(0, { latency_s: 0, accuracy: product ? 1 : 0, penalty: 0, cost_cores: 0, energy_j: 0 });
	if (floor !== undefined) found.sort((a, b) => b.objective - a.objective);
	return { choices: found.map(({ choice }) => choice), whole };

	/** False once nothing more is wanted. */
	function extend(s: number, sums: Sums): boolean {
		const own = order[s];
		if (own === undefined) return keep(weight * sums.accuracy - sums.penalty);
		for (const fewest of own)
			for (let item = fewest; ; item = more(s, item)) {
				if (stop !== undefined && (++asked & 1023) === 0 && stop()) {
					whole = false;
					return false;
				}
				const next = withItem(sums, item, product);
				const reach = bound(s + 1, next, bar);
				// More replicas reach no further.
				if (reach === Number.NEGATIVE_INFINITY || isFull(reach)) break;
				path.push({ option: item.option, replicas: item.replicas });
				const wanted = extend(s + 1, next);
				path.pop();
				if (!wanted) return false;
				if (item.replicas >= (stages[s] as (typeof stages)[number]).replicas[1]) break;
			}
		return true;
	}

	function more(s: number, { option, replicas }: Item): Item {
		return itemOf(spec, stages[s]?.options[option] as StageOption, option, replicas + 1);
	}

	/** There are as many as are wanted, and what reaches no higher than the last of them is none of them. */
	function isFull(reach: number): boolean {
		return found.length >= count && reach <= bar + 1e-12 * Math.max(1, Math.abs(bar));
	}

	function keep(objective: number): boolean {
		if (floor !== undefined) {
			if (objective >= floor) found.push({ choice: [...path], objective });
			return found.length < count;
		}
		let at = found.length;
		while (at > 0 && (found[at - 1] as { objective: number }).objective < objective) at--;
		found.splice(at, 0, { choice: [...path], objective });
		found.length = Math.min(found.length, count);
		if (found.length === count) bar = (found.at(-1) as { objective: number }).objective;
		return true;
	}
}
