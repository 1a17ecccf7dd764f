import { seeded, shuffled } from "../random.js";
import type { Plan } from "./plan.js";
import type { PlanCell } from "./planCells.js";
import { type Shard, shardCells } from "./shard.js";

/** One step of a block: visit a cell for some repetitions (by their numbers, from 0), or run the control workload. */
export type Step =
	| { readonly type: "visit"; readonly cell: PlanCell; readonly repetitions: readonly number[] }
	/** `position` numbers the controls of a block from 0. */
	| { readonly type: "control"; readonly position: number };

/** A pass over the cells. Blocks below `plan.blocks` visit every cell; later ones those whose interval is too wide. */
export interface Block {
	readonly index: number;
	readonly required: boolean;
	readonly steps: readonly Step[];
}

/** How many blocks a plan can come to. */
export function blockCount(plan: Plan): number {
	return plan.blocks + Math.ceil((plan.repetitions.max - plan.repetitions.min) / perVisit(plan));
}

/** Number of the first repetition of block `index`; the block ends where the next one's begin. */
export function firstRepetition(plan: Plan, index: number): number {
	const { repetitions, blocks } = plan;
	const number =
		index <= blocks
			? Math.floor((index * repetitions.min) / blocks)
			: repetitions.min + (index - blocks) * perVisit(plan);
	return Math.min(number, repetitions.max);
}

/**
 * Block `index` of a shard: its cells in an order drawn from the plan's seed and the block's index, interleaved with the
 * control workload (first, last, and after every `control.every` cells). The same arguments give the same block, which
 * is what lets a killed run resume.
 *
 * @param unsettled whether a cell still needs repetitions; asked only of blocks past the required ones
 */
export function blockOf(plan: Plan, shard: Shard, index: number, unsettled: (cell: PlanCell) => boolean): Block {
	const required = index < plan.blocks;
	const first = firstRepetition(plan, index);
	const numbers = Array.from({ length: firstRepetition(plan, index + 1) - first }, (_, i) => first + i);
	const cells = shuffled(seeded(plan.seed + 1 + index), shardCells(plan, shard)).filter(
		(cell) => required || unsettled(cell),
	);
	if (cells.length === 0 || numbers.length === 0) return { index, required, steps: [] };
	const steps: Step[] = [{ type: "control", position: 0 }];
	let position = 1;
	cells.forEach((cell, i) => {
		steps.push({ type: "visit", cell, repetitions: numbers });
		if ((i + 1) % plan.control.every === 0 || i === cells.length - 1)
			steps.push({ type: "control", position: position++ });
	});
	return { index, required, steps };
}

/** Repetitions of a visit in the blocks past the required ones. */
function perVisit({ repetitions, blocks }: Plan): number {
	return Math.ceil(repetitions.min / blocks);
}
