import type { Plan, PlannedStage, Step } from "./adapt.js";

/** A plan, when it was decided and when it takes over, s. */
export interface TimedPlan {
	readonly at_s: number;
	readonly from_s: number;
	readonly plan: Plan;
}

/** Replicas of a stage that hold their cores for a time. */
export interface Held {
	readonly from_s: number;
	readonly until_s: number;
	readonly replicas: number;
	readonly stage: PlannedStage;
}

/** The plans that were applied: the first at once, a change `startup_s` after its decision. */
export function appliedPlans(steps: readonly Step[], startup_s: number): TimedPlan[] {
	return steps.flatMap(({ at_s, plan, changed }, k) =>
		k === 0 ? [{ at_s, from_s: at_s, plan }] : changed ? [{ at_s, from_s: at_s + startup_s, plan }] : [],
	);
}

/**
 * Which replicas hold cores, and when: those of the plan in force, and from a decision to its taking over also the new
 * replicas that start. A replica of the same variant and cores is kept; the others are released when the new ones serve.
 *
 * @param until_s end of the run, s: nothing is held after it
 */
export function heldReplicas(plans: readonly TimedPlan[], until_s: number): Held[] {
	return plans.flatMap(({ at_s, from_s, plan }, c) =>
		plan.stages.flatMap((stage, s) => {
			const old = plans[c - 1]?.plan.stages[s];
			const kept = old !== undefined && old.variant === stage.variant && old.cores === stage.cores ? old.replicas : 0;
			const pieces: Held[] = [
				{ from_s: at_s, until_s: from_s, replicas: Math.max(0, stage.replicas - kept), stage },
				{ from_s, until_s: plans[c + 1]?.from_s ?? until_s, replicas: stage.replicas, stage },
			];
			return pieces
				.map((piece) => ({ ...piece, until_s: Math.min(until_s, piece.until_s) }))
				.filter((piece) => piece.replicas > 0 && piece.until_s > piece.from_s);
		}),
	);
}
