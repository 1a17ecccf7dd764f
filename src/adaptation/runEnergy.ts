import { type Kind, weakestKind } from "../units.js";
import type { PlannedBatch, PlannedStage } from "./adapt.js";
import { atBatch } from "./atBatch.js";
import type { Held, TimedPlan } from "./held.js";
import type { StageWatch } from "./queue.js";
import { spread } from "./spread.js";

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
