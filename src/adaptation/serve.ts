import { integerBelow, type Random, seeded } from "../random.js";
import type { PlannedStage, Step } from "./adapt.js";
import { type QueueOptions, simulateStage, spread, type TimedSetting } from "./queue.js";
import { appliedPlans, energyMeter, heldReplicas, type RunEnergy } from "./runEnergy.js";

export interface ServeOptions extends Pick<QueueOptions, "batchTimeout_s"> {
	/** A request that takes longer end to end is late. */
	readonly late_after_s: number;
	/** A request older than this is dropped where it waits. */
	readonly drop_after_s: number;
	readonly interval_s: number;
	readonly startup_s: number;
	/** Seed of the arrival times within a second. */
	readonly seed: number;
	/** Keep every request's times in the result: 16 bytes each. */
	readonly keepRequests?: boolean;
}

/** What serving a load under a sequence of plans came to; arrays have one entry an interval. */
export interface Served {
	/** Length of an interval, s. */
	readonly interval_s: number;
	readonly requests: number;
	/** Late or dropped requests. */
	readonly violations: number;
	readonly dropped: number;
	/** Of the requests that arrived in the interval, whenever they were served or dropped. */
	readonly violationsByInterval: Float64Array;
	readonly requestsByInterval: Float64Array;
	/** Mean over the interval of the pipeline accuracy in force. */
	readonly accuracy: Float64Array;
	/** Mean over the interval of the allocated cores, replicas that are starting included. */
	readonly cost_cores: Float64Array;
	/** Allocated cores x time, core-seconds. */
	readonly core_seconds: number;
	/** Mean accuracy over the requests. */
	readonly meanAccuracy: number;
	/** Mean accuracy over the time, as IPA's figures have it. */
	readonly meanAccuracyOverTime: number;
	readonly changes: number;
	readonly infeasibleSteps: number;
	readonly energy: RunEnergy;
	/** With `keepRequests`, by arrival: when each arrived, and what it took end to end, s; Infinity where it was dropped. */
	readonly byRequest?: { readonly arrival_s: Float64Array; readonly latency_s: Float64Array };
}

/**
 * Serves the load: arrivals at seeded uniform times within each second pass the stages' queues one after another; a
 * request is late when it takes longer than `late_after_s` end to end.
 *
 * Any change of the plan, a batch size too, takes over `startup_s` after its decision; meanwhile what ran keeps serving.
 * Energy as `energyMeter` has it: unavailable with any stage's energy missing.
 *
 * @example
 * const stage = { variant: "resnet18", cores: 1, batch: 1, replicas: 1, latency_s: 0.05 };
 * const steps = [{ at_s: 0, plan: { stages: [stage], accuracy: 0.7, cost_cores: 1 }, changed: false }];
 * const options = { late_after_s: 5, drop_after_s: 10, interval_s: 10, startup_s: 10, seed: 1, batchTimeout_s: 1 };
 * const served = adaptation.serve(Array(10).fill(2), steps, options);
 * [served.requests, served.violations, served.core_seconds]; // → [20, 0, 10]
 */
export function serve(perSecond: ArrayLike<number>, steps: readonly Step[], options: ServeOptions): Served {
	const { interval_s, startup_s, late_after_s, drop_after_s, seed } = options;
	const intervals = steps.length;
	const seconds = intervals * interval_s;
	const origin_s = arrivalTimes(perSecond, seconds, seeded(seed));
	const changes = appliedPlans(steps, startup_s);
	const held = heldReplicas(changes, seconds);
	const meter = energyMeter(changes, held, { interval_s, intervals });
	const queue = { batchTimeout_s: options.batchTimeout_s, dropAfter_s: drop_after_s };

	// A stage sees the requests in the order in which the one before completes them.
	let order = upTo(origin_s.length);
	let arrival_s = origin_s;
	const finished_s = new Float64Array(origin_s.length).fill(Number.POSITIVE_INFINITY);
	const stageCount = steps[0]?.plan.stages.length ?? 0;
	for (let stage = 0; stage < stageCount; stage++) {
		const settings = changes.map(
			({ from_s, plan }): TimedSetting => ({ from_s, setting: plan.stages[stage] as PlannedStage }),
		);
		const origins = gathered(origin_s, order);
		const outcome = simulateStage(arrival_s, origins, settings, queue, meter.watch(stage));
		const reached = byCompletion(outcome.completion_s);
		arrival_s = gathered(outcome.completion_s, reached);
		order = reached.map((i) => order[i] as number);
	}
	for (let i = 0; i < order.length; i++) finished_s[order[i] as number] = arrival_s[i] as number;

	const violationsByInterval = new Float64Array(intervals);
	const requestsByInterval = new Float64Array(intervals);
	let violations = 0;
	for (let i = 0; i < origin_s.length; i++) {
		const interval = Math.min(intervals - 1, Math.floor((origin_s[i] as number) / interval_s));
		requestsByInterval[interval] = (requestsByInterval[interval] as number) + 1;
		if ((finished_s[i] as number) - (origin_s[i] as number) > late_after_s) {
			violations++;
			violationsByInterval[interval] = (violationsByInterval[interval] as number) + 1;
		}
	}
	const accuracy = new Float64Array(intervals);
	for (const [c, { from_s, plan }] of changes.entries()) {
		const until_s = Math.min(seconds, changes[c + 1]?.from_s ?? seconds);
		spread(accuracy, plan.accuracy / interval_s, from_s, until_s, interval_s);
	}
	const cost_cores = new Float64Array(intervals);
	for (const { from_s, until_s, replicas, stage } of held)
		spread(cost_cores, (replicas * stage.cores) / interval_s, from_s, until_s, interval_s);
	let weighted = 0;
	for (let k = 0; k < intervals; k++) weighted += (accuracy[k] as number) * (requestsByInterval[k] as number);
	return {
		interval_s,
		requests: origin_s.length,
		violations,
		dropped: origin_s.length - order.length,
		violationsByInterval,
		requestsByInterval,
		accuracy,
		cost_cores,
		core_seconds: cost_cores.reduce((sum, cores) => sum + cores * interval_s, 0),
		meanAccuracy: origin_s.length > 0 ? weighted / origin_s.length : (accuracy[0] ?? 0),
		meanAccuracyOverTime: accuracy.reduce((sum, own) => sum + own, 0) / Math.max(1, intervals),
		changes: changes.length - 1,
		infeasibleSteps: steps.filter(({ infeasible }) => infeasible !== undefined).length,
		energy: meter.result(),
		...(options.keepRequests === true
			? { byRequest: { arrival_s: origin_s, latency_s: finished_s.map((end_s, i) => end_s - (origin_s[i] as number)) } }
			: {}),
	};
}

/** Values at positions. A loop: over tens of millions of requests Float64Array.from takes ten times as long. */
function gathered(values: Float64Array, at: Int32Array): Float64Array {
	const out = new Float64Array(at.length);
	for (let i = 0; i < out.length; i++) out[i] = values[at[i] as number] as number;
	return out;
}

function upTo(count: number): Int32Array {
	const out = new Int32Array(count);
	for (let i = 0; i < count; i++) out[i] = i;
	return out;
}

/** Requests that were served, by completion, then by arrival. Nearly in order as they come: only a change of plan mixes them. */
function byCompletion(completion_s: Float64Array): Int32Array {
	const all = new Int32Array(completion_s.length);
	let count = 0;
	for (let i = 0; i < all.length; i++) if ((completion_s[i] as number) < Number.POSITIVE_INFINITY) all[count++] = i;
	const reached = all.subarray(0, count);
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
