import { type LatencyModel, latencyMs } from "./sponge.js";

/** A request at the server: when it comes off the network, and by when its answer is wanted, ms. */
export interface TimedRequest {
	readonly arrives_ms: number;
	readonly deadline_ms: number;
}

/** What serves from an instant on: replicas of so many cores each, and the largest batch. */
export interface ServingStep {
	readonly from_ms: number;
	readonly replicas: number;
	readonly cores: number;
	readonly batch: number;
}

export interface QueueResult {
	readonly requests: number;
	/** Requests that were answered after their deadline. */
	readonly late: number;
	/** Allocated cores over the time from the first step to the last answer, core-seconds. */
	readonly core_seconds: number;
	/** Answers in the order of the requests given, ms. */
	readonly answered_ms: Float64Array;
}

/**
 * A queue that serves the earliest deadline first (Sponge's), in batches: whoever is free takes as many as its batch allows
 * of those that are there, and the batch takes what the latency model says of its size and cores, at least 1 ms. A change of
 * cores or replicas holds for batches that begin after it; nothing is dropped.
 *
 * @param steps by time; the first must begin by the first arrival
 * @throws RangeError where there is no step by the first arrival
 */
export function serveByDeadline(
	requests: readonly TimedRequest[],
	steps: readonly ServingStep[],
	model: LatencyModel,
): QueueResult {
	const order = [...requests.keys()].sort((a, b) => requests[a]!.arrives_ms - requests[b]!.arrives_ms);
	const [firstStep] = steps;
	if (firstStep === undefined || firstStep.from_ms > (requests[order[0] ?? 0]?.arrives_ms ?? 0))
		throw new RangeError("a first step must say what serves by the first arrival");
	const answered_ms = new Float64Array(requests.length);
	const waiting: number[] = [];
	const free: number[] = [];
	let [next, now, step] = [0, firstStep.from_ms, 0];
	let [answered, last] = [0, firstStep.from_ms];
	while (answered < requests.length) {
		while (step + 1 < steps.length && steps[step + 1]!.from_ms <= now) step++;
		const { replicas, cores, batch } = steps[step]!;
		while (free.length < replicas) free.push(now);
		while (next < order.length && requests[order[next]!]!.arrives_ms <= now) waiting.push(order[next++]!);
		const server = free.findIndex((at, k) => k < replicas && at <= now);
		if (waiting.length > 0 && server >= 0) {
			waiting.sort((a, b) => requests[a]!.deadline_ms - requests[b]!.deadline_ms);
			const taken = waiting.splice(0, batch);
			const done = now + Math.max(1, latencyMs(model, taken.length, cores));
			for (const index of taken) answered_ms[index] = done;
			free[server] = done;
			answered += taken.length;
			last = Math.max(last, done);
			continue;
		}
		const upcoming = [
			next < order.length ? requests[order[next]!]!.arrives_ms : Number.POSITIVE_INFINITY,
			step + 1 < steps.length ? steps[step + 1]!.from_ms : Number.POSITIVE_INFINITY,
			...(waiting.length > 0 ? free.slice(0, replicas).filter((at) => at > now) : []),
		];
		now = Math.min(...upcoming);
	}
	const late = requests.filter(({ deadline_ms }, k) => answered_ms[k]! > deadline_ms).length;
	let core_ms = 0;
	for (const [k, { from_ms, replicas, cores }] of steps.entries())
		core_ms += Math.max(0, Math.min(last, steps[k + 1]?.from_ms ?? last) - from_ms) * replicas * cores;
	return { requests: requests.length, late, core_seconds: core_ms / 1000, answered_ms };
}

/**
 * Requests of a steady sender over a network, a remaining SLO a second: each comes after what its second's network takes,
 * and is due `slo_ms` after it was sent.
 */
export function networkRequests(
	remaining_slo_ms: readonly number[],
	{ slo_ms, rate_rps }: { readonly slo_ms: number; readonly rate_rps: number },
): TimedRequest[] {
	return remaining_slo_ms.flatMap((remaining, second) =>
		Array.from({ length: rate_rps }, (_, k) => {
			const sent = 1000 * second + (1000 * k) / rate_rps;
			return { arrives_ms: sent + slo_ms - remaining, deadline_ms: sent + slo_ms };
		}),
	);
}
