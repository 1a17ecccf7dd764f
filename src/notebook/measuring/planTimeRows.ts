import type { Meters } from "../../measurement/meter.js";
import type { Plan } from "../../measurement/plan.js";
import { planTime } from "../../measurement/planTime.js";

/** Rows for a table: what plans take on this machine, as its energy sources lengthen them. */
export function planTimeRows(
	plans: readonly Plan[],
	{ available }: Pick<Meters, "available">,
): Record<string, string | number>[] {
	return plans.map((plan) => {
		const { cells, repetitions, window_s, least_s, most_s } = planTime(plan, available);
		return {
			plan: plan.name,
			cells,
			repetitions:
				repetitions.least === repetitions.most ? repetitions.least : `${repetitions.least} to ${repetitions.most}`,
			"window (s)": window_s,
			"windows and idle, at least (min)": Number((least_s / 60).toFixed(1)),
			"with every warm-up and repetition (min)": Number((most_s / 60).toFixed(1)),
			"time limit (min)": Number((plan.time_limit_s / 60).toFixed(1)),
		};
	});
}
