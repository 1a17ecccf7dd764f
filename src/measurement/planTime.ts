import type { Meter } from "./meter.js";
import type { Plan } from "./plan.js";
import { planCells } from "./planCells.js";
import { blockCount } from "./schedule.js";

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
