import { seeded, shuffled } from "../random.js";
import type { Meter } from "./meters.js";
import type { Plan } from "./plan.js";
import { type PlanCell, planCells, type Shard, shardCells } from "./planCells.js";

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

/** How long a plan takes on one machine. */
export interface PlanTime {
	readonly cells: number;
	/** Of a cell. */
	readonly repetitions: { readonly least: number; readonly most: number };
	/** One window. */
	readonly window_s: number;
	/**
	 * Windows of the least repetitions, and idle baselines and controls where there is an energy source: warm-ups, loading
	 * and batches that outlast a window come on top.
	 */
	readonly least_s: number;
	/** With the most repetitions, and each warm-up at its cap; the plan's time limit ends it between the two. */
	readonly most_s: number;
}

/** The time of a plan's windows, as its energy sources lengthen them. */
export function planTime(plan: Plan, meters: readonly Pick<Meter, "minimumWindow_s">[]): PlanTime {
	const cells = planCells(plan).length;
	const { min, max } = plan.repetitions;
	const minimum_s = Math.max(0, ...meters.map(({ minimumWindow_s }) => minimumWindow_s));
	const window_s = Math.max(plan.window_s, minimum_s);
	const controls = 1 + Math.ceil(cells / plan.control.every);
	const perBlock_s = controls * minimum_s + (meters.length > 0 ? 2 * Math.max(plan.idle_s, minimum_s) : 0);
	return {
		cells,
		repetitions: { least: min, most: max },
		window_s,
		least_s: cells * min * window_s + plan.blocks * perBlock_s,
		most_s: cells * max * window_s + blockCount(plan) * (perBlock_s + cells * plan.warm_up.at_most_s),
	};
}
