import type { Decide, Plan } from "../../src/adaptation/adapt.js";
import { predictor } from "../../src/adaptation/predictors.js";

/** One stage, one replica a request per second: cost = rate. */
export const decide: Decide = (rate) => {
	if (rate > 20) return { status: "infeasible", reason: "over 20 requests/s" };
	const stage = { variant: "v", cores: 1, batch: 1, replicas: rate, latency_s: 0.5 };
	const energy = { energy_j_per_batch: 10, idle_power_w: 2, kind: "measured" as const };
	return {
		status: "decided",
		plan: { stages: [{ ...stage, energy }], accuracy: 0.7, cost_cores: rate } satisfies Plan,
	};
};
/** Of the loop. */
export const options = { interval_s: 10, history_s: 120, predictor: predictor("reactive"), decide };
/** Blocks of ten seconds, each at one rate. */
export const load = (...blocks: number[]) => blocks.flatMap((rate) => new Array<number>(10).fill(rate));
