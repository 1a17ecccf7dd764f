import { type Kind, weakestKind } from "../units.js";
import type { Plan, PlannedBatch, PlannedStage, Step } from "./adapt.js";
import { atBatch, type StageWatch, spread } from "./queue.js";

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

/** Energy of a run, or why there is none. */
export type RunEnergy =
	| {
			readonly status: "available";
			/** Weakest among the energies of the plans' batches, their idle powers and their latencies. */
			readonly kind: Kind;
			/** Gross energy in each interval, J. */
			readonly joules: Float64Array;
			readonly total_j: number;
	  }
	| { readonly status: "unavailable"; readonly reason: string };

/** Collects the energy of a run: watch each stage's simulation, then ask for the result. */
export interface EnergyMeter {
	readonly watch: (stage: number) => StageWatch;
	readonly result: () => RunEnergy;
}

/**
 * Energy over time, from the profile's cells: a batch draws its energy evenly while it runs (one that is not full takes
 * what lies between the profiled ones), and every replica that holds cores draws its idle power whenever it runs none,
 * while it starts too (what a starting replica draws was measured by nobody; its idle power is the least). A replica that
 * a change took away draws nothing once its last batch has ended. Batches that end after the last interval count in it
 * whole: no request's energy is left out.
 *
 * Unavailable where any batch or stage of a plan has no energy.
 */
export function energyMeter(
	plans: readonly TimedPlan[],
	held: readonly Held[],
	{ interval_s, intervals }: { readonly interval_s: number; readonly intervals: number },
): EnergyMeter {
	const cells = [...new Set(plans.map(({ plan }) => plan))]
		.flatMap(({ stages }) => stages)
		.flatMap((stage) => [...(stage.smaller ?? []), stage].map((cell) => ({ stage, cell })));
	const missing = cells.find(({ cell }) => cell.energy === undefined);
	if (missing !== undefined) {
		const { stage, cell } = missing;
		const reason = `${stage.variant} on ${stage.cores} cores, batch ${cell.batch}: no energy in the profile`;
		return { watch: () => ({}), result: () => ({ status: "unavailable", reason }) };
	}
	const end_s = interval_s * intervals;
	const joules = new Float64Array(intervals);
	const kinds = new Set<Kind>(
		cells.flatMap(({ cell: { energy, latency_kind } }) =>
			[energy?.kind, latency_kind].filter((kind) => kind !== undefined),
		),
	);
	for (const { from_s, until_s, replicas, stage } of held) {
		const { idle_power_w, kind, idle_kind = kind } = energyOf(stage);
		kinds.add(idle_kind);
		spread(joules, replicas * idle_power_w, from_s, until_s, interval_s);
	}
	const watch = (s: number): StageWatch => ({
		batch: (setting, size, start_s, until_s) => {
			const stage = (plans[setting] as TimedPlan).plan.stages[s] as PlannedStage;
			const energy_j = atBatch(stage, size, joulesOf);
			spread(joules, energy_j / (until_s - start_s), start_s, until_s, interval_s);
			// Busy in place of idle; past the end nothing was counted as idle.
			spread(joules, -energyOf(stage).idle_power_w, Math.min(start_s, end_s), Math.min(until_s, end_s), interval_s);
		},
		drain: (setting, from_s, until_s) => {
			// Its replica is no longer held, so that the batch there took no idle time.
			const stage = (plans[setting] as TimedPlan).plan.stages[s] as PlannedStage;
			spread(joules, energyOf(stage).idle_power_w, Math.min(from_s, end_s), Math.min(until_s, end_s), interval_s);
		},
	});
	return {
		watch,
		result: () => ({
			status: "available",
			kind: weakestKind(kinds),
			joules,
			total_j: joules.reduce((sum, value) => sum + value, 0),
		}),
	};
}

function joulesOf(cell: PlannedBatch): number {
	return energyOf(cell).energy_j_per_batch;
}

function energyOf({ energy }: PlannedBatch) {
	if (energy === undefined) throw new RangeError("a plan without energies has no meter");
	return energy;
}
