import { integerBelow, type Random, seeded } from "../random.js";
import { type Kind, weakestKind } from "../units.js";
import type { Plan, PlannedStage, Step } from "./adapt.js";
import { type QueueOptions, simulateStage, type TimedSetting } from "./queue.js";

export interface ServeOptions extends Pick<QueueOptions, "batchTimeout_s"> {
	readonly sla_s: number;
	/** A request older than this many SLAs is dropped. */
	readonly dropAfterSlas: number;
	readonly interval_s: number;
	readonly startup_s: number;
	/** Seed of the arrival times within a second. */
	readonly seed: number;
}

/** Energy of a run, or why there is none. */
export type RunEnergy =
	| { readonly status: "available"; readonly kind: Kind; readonly joules: Float64Array; readonly total_j: number }
	| { readonly status: "unavailable"; readonly reason: string };

/** What serving a load under a sequence of plans came to; arrays have one entry an interval. */
export interface Served {
	readonly requests: number;
	/** Late or dropped requests. */
	readonly violations: number;
	readonly dropped: number;
	readonly violationsByInterval: Float64Array;
	readonly requestsByInterval: Float64Array;
	/** Pipeline accuracy in force. */
	readonly accuracy: Float64Array;
	/** Allocated cores, replicas that are starting included. */
	readonly cost_cores: Float64Array;
	/** Allocated cores x time, core-seconds. */
	readonly core_seconds: number;
	/** Mean accuracy over the requests. */
	readonly meanAccuracy: number;
	readonly changes: number;
	readonly infeasibleSteps: number;
	readonly energy: RunEnergy;
}

/**
 * Serves the load: arrivals at seeded uniform times within each second pass the stages' queues one after another; a
 * request is late when it takes longer than the SLA end to end.
 *
 * Energy is busy time times busy power plus the rest of the allocated replica time times idle power, from the profile's
 * cells (see the design of `energy` in pipeline); with any stage's energy missing the run's energy is unavailable.
 */
export function serve(perSecond: ArrayLike<number>, steps: readonly Step[], options: ServeOptions): Served {
	const { interval_s, startup_s, sla_s, seed } = options;
	const intervals = steps.length;
	const seconds = intervals * interval_s;
	const origin_s = arrivalTimes(perSecond, seconds, seeded(seed));
	const changes = planChanges(steps, startup_s);
	const queue = { batchTimeout_s: options.batchTimeout_s, dropAfter_s: options.dropAfterSlas * sla_s };

	// A stage sees the requests in the order in which the one before completes them.
	let order = Int32Array.from(origin_s.keys());
	let arrival_s = origin_s;
	const finished_s = new Float64Array(origin_s.length).fill(Number.POSITIVE_INFINITY);
	const busyByStage: Float64Array[] = [];
	const stageCount = steps[0]?.plan.stages.length ?? 0;
	for (let stage = 0; stage < stageCount; stage++) {
		const settings = changes.map(
			({ from_s, plan }): TimedSetting => ({ from_s, setting: plan.stages[stage] as PlannedStage }),
		);
		const origins = Float64Array.from(order, (request) => origin_s[request] as number);
		const outcome = simulateStage(arrival_s, origins, settings, queue);
		busyByStage.push(outcome.busy_s);
		const reached = byCompletion(outcome.completion_s);
		arrival_s = Float64Array.from(reached, (i) => outcome.completion_s[i] as number);
		order = Int32Array.from(reached, (i) => order[i] as number);
	}
	order.forEach((request, i) => {
		finished_s[request] = arrival_s[i] as number;
	});

	const violationsByInterval = new Float64Array(intervals);
	const requestsByInterval = new Float64Array(intervals);
	let violations = 0;
	for (let i = 0; i < origin_s.length; i++) {
		const interval = Math.min(intervals - 1, Math.floor((origin_s[i] as number) / interval_s));
		requestsByInterval[interval] = (requestsByInterval[interval] as number) + 1;
		if ((finished_s[i] as number) - (origin_s[i] as number) > sla_s) {
			violations++;
			violationsByInterval[interval] = (violationsByInterval[interval] as number) + 1;
		}
	}
	const accuracy = Float64Array.from(steps, ({ plan }) => plan.accuracy);
	const cost_cores = costs(steps, interval_s, startup_s);
	let weighted = 0;
	for (let k = 0; k < intervals; k++) weighted += (accuracy[k] as number) * (requestsByInterval[k] as number);
	return {
		requests: origin_s.length,
		violations,
		dropped: origin_s.length - order.length,
		violationsByInterval,
		requestsByInterval,
		accuracy,
		cost_cores,
		core_seconds: cost_cores.reduce((sum, cores) => sum + cores * interval_s, 0),
		meanAccuracy: origin_s.length > 0 ? weighted / origin_s.length : (accuracy[0] ?? 0),
		changes: changes.length - 1,
		infeasibleSteps: steps.filter(({ infeasible }) => infeasible !== undefined).length,
		energy: runEnergy(changes, busyByStage, seconds, interval_s, intervals),
	};
}

/** Requests that were served, by completion, then by arrival. Nearly in order as they come: only a change of plan mixes them. */
function byCompletion(completion_s: Float64Array): Int32Array {
	const reached = Int32Array.from(completion_s.keys()).filter(
		(i) => (completion_s[i] as number) < Number.POSITIVE_INFINITY,
	);
	for (let next = 1; next < reached.length; next++) {
		const request = reached[next] as number;
		const completed = completion_s[request] as number;
		let to = next;
		while (to > 0 && (completion_s[reached[to - 1] as number] as number) > completed) {
			reached[to] = reached[to - 1] as number;
			to--;
		}
		reached[to] = request;
	}
	return reached;
}

interface TimedPlan {
	readonly from_s: number;
	readonly plan: Plan;
}

function planChanges(steps: readonly Step[], startup_s: number): TimedPlan[] {
	const out: TimedPlan[] = [];
	for (const { at_s, plan, changed } of steps) {
		if (out.length === 0) out.push({ from_s: 0, plan });
		else if (changed) out.push({ from_s: at_s + startup_s, plan });
	}
	return out;
}

function arrivalTimes(perSecond: ArrayLike<number>, seconds: number, random: Random): Float64Array {
	let total = 0;
	for (let second = 0; second < seconds; second++) total += perSecond[second] as number;
	const times = new Float64Array(total);
	let next = 0;
	for (let second = 0; second < seconds; second++) {
		const count = perSecond[second] as number;
		// Millisecond slots: fine enough for latencies of tens of milliseconds, and exact in binary order.
		for (let i = 0; i < count; i++) times[next + i] = second + integerBelow(random, 1000) / 1000;
		times.subarray(next, next + count).sort();
		next += count;
	}
	return times;
}

/** Mean allocated cores of each interval: during a start-up the replicas of both plans hold their cores. */
function costs(steps: readonly Step[], interval_s: number, startup_s: number): Float64Array {
	const overlap = Math.min(1, startup_s / interval_s);
	return Float64Array.from(steps, ({ plan, changed }, k) => {
		const before = steps[k - 1]?.plan;
		return plan.cost_cores + (changed && before !== undefined ? overlap * coresReplaced(before, plan) : 0);
	});
}

/** Cores of the old plan that the new one does not take over. */
function coresReplaced(before: Plan, after: Plan): number {
	return before.stages.reduce((sum, old, i) => {
		const fresh = after.stages[i] as PlannedStage;
		const same = old.variant === fresh.variant && old.cores === fresh.cores;
		return sum + old.cores * (same ? Math.max(0, old.replicas - fresh.replicas) : old.replicas);
	}, 0);
}

function runEnergy(
	changes: readonly TimedPlan[],
	busyByStage: readonly Float64Array[],
	seconds: number,
	interval_s: number,
	intervals: number,
): RunEnergy {
	const joules = new Float64Array(intervals);
	const kinds = new Set<Kind>();
	for (const [c, { from_s, plan }] of changes.entries()) {
		const until_s = Math.min(seconds, changes[c + 1]?.from_s ?? seconds);
		const held_s = Math.max(0, until_s - from_s);
		let power_j = 0;
		for (const [s, stage] of plan.stages.entries()) {
			if (stage.energy === undefined)
				return {
					status: "unavailable",
					reason: `${stage.variant} on ${stage.cores} cores, batch ${stage.batch}: no energy in the profile`,
				};
			kinds.add(stage.energy.kind);
			const busy_s = busyByStage[s]?.[c] as number;
			const idle_s = Math.max(0, stage.replicas * held_s - busy_s);
			power_j += (busy_s * stage.energy.energy_j_per_batch) / stage.latency_s + idle_s * stage.energy.idle_power_w;
		}
		// Within the reign of one plan the energy is spread evenly over its intervals.
		spread(joules, power_j, from_s / interval_s, until_s / interval_s);
	}
	return {
		status: "available",
		kind: weakestKind(kinds),
		joules,
		total_j: joules.reduce((sum, value) => sum + value, 0),
	};
}

function spread(into: Float64Array, amount: number, from: number, until: number): void {
	if (until <= from) {
		const at = Math.min(into.length - 1, Math.floor(from));
		into[at] = (into[at] as number) + amount;
		return;
	}
	for (let k = Math.floor(from); k < until && k < into.length; k++) {
		const share = (Math.min(until, k + 1) - Math.max(from, k)) / (until - from);
		into[k] = (into[k] as number) + share * amount;
	}
}
