import { InputError } from "../errors.js";
import { seeded, shuffled } from "../random.js";
import type { Plan } from "./plan.js";
import { type PlanCell, planCells } from "./planCells.js";

/** Part `index` (from 0, as a Kubernetes Indexed Job counts) of `count`. */
export interface Shard {
	readonly index: number;
	readonly count: number;
}

export const wholePlan: Shard = { index: 0, count: 1 };

/** Reads "i/n", i from 0 to n - 1. Throws InputError. */
export function parseShard(text: string): Shard {
	const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
	if (index === undefined || count === undefined || index >= count)
		throw new InputError({ file: "--shard", rule: "must be i/n with i from 0 to n - 1", value: text });
	return { index, count };
}

/**
 * The cells of a shard. Cells are dealt out in an order shuffled with the plan's seed, so that the shards' loads are
 * alike and no node gets all the large variants; over the shards of one count each cell occurs exactly once.
 */
export function shardCells(plan: Plan, { index, count }: Shard): readonly PlanCell[] {
	return shuffled(seeded(plan.seed), planCells(plan)).filter((_, i) => i % count === index);
}
