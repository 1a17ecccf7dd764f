import { type AdaptationOptions, adapt, type Decide, type Plan } from "../../src/adaptation/adapt.js";
import { predictor } from "../../src/forecast/predictors.js";

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
/** Of the loop: the last block answers from the first one on. */
export const options = { interval_s: 10, history_s: 120, needs: 1, predictor: predictor("reactive"), decide };
/** The loop from the plan for the first block's own load on, or for the highest that can be carried. */
export function adapted(perSecond: readonly number[], own: Omit<AdaptationOptions, "initial"> = options) {
	const first = Math.max(...perSecond.slice(0, 10));
	const decision = own.decide(Math.min(20, Math.max(1, first)), undefined);
	if (decision.status !== "decided") throw new Error(decision.reason);
	return adapt(perSecond, { ...own, initial: decision.plan });
}
/** Blocks of ten seconds, each at one rate. */
export const load = (...blocks: number[]) => blocks.flatMap((rate) => new Array<number>(10).fill(rate));
