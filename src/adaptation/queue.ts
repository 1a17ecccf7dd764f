/** What a stage runs from a moment on. */
export interface StageSetting {
	readonly variant: string;
	readonly cores: number;
	readonly batch: number;
	readonly replicas: number;
	/** Latency of a full or partial batch, s. */
	readonly latency_s: number;
}

/** A setting and when it takes over, s. */
export interface TimedSetting {
	readonly from_s: number;
	readonly setting: StageSetting;
}

export interface QueueOptions {
	/** Longest that the oldest request waits for its batch to fill, s. */
	readonly batchTimeout_s: number;
	/** A request older than this when its batch starts is dropped, s since it arrived at the pipeline. */
	readonly dropAfter_s: number;
}

/** What a stage did: per request that reached it, in order of arrival. */
export interface StageOutcome {
	/** Completion time of each request, s; Infinity where it was dropped. */
	readonly completion_s: Float64Array;
	readonly dropped: number;
	/** Busy replica-seconds and batches by index of the timed setting that served them. */
	readonly busy_s: Float64Array;
	readonly batches: Float64Array;
}

/**
 * Simulates one stage: requests wait in one queue, first come first served; a batch starts when it is full or when its
 * oldest request has waited `batchTimeout_s`, and a replica is free; requests that arrive before the batch starts join
 * it while there is room. When the setting changes, running batches finish; the new replicas are free at the change.
 *
 * @param arrival_s arrival times at the stage, rising, s
 * @param origin_s arrival times at the pipeline, same order: what a request's age is counted from
 * @param settings in order of `from_s`, the first from 0 or earlier
 */
export function simulateStage(
	arrival_s: Float64Array,
	origin_s: Float64Array,
	settings: readonly TimedSetting[],
	{ batchTimeout_s, dropAfter_s }: QueueOptions,
): StageOutcome {
	const completion_s = new Float64Array(arrival_s.length);
	const busy_s = new Float64Array(settings.length);
	const batches = new Float64Array(settings.length);
	let dropped = 0;
	let index = 0;
	let setting = (settings[0] as TimedSetting).setting;
	let free: Float64Array = new Float64Array(setting.replicas);
	let head = 0;
	while (head < arrival_s.length) {
		const oldest = arrival_s[head] as number;
		const full = head + setting.batch - 1;
		const formed =
			full < arrival_s.length ? Math.min(arrival_s[full] as number, oldest + batchTimeout_s) : oldest + batchTimeout_s;
		const server = earliest(free);
		const start = Math.max(formed, free[server] as number);
		const next = settings[index + 1];
		if (next !== undefined && next.from_s <= start) {
			free = carriedOver(free, setting, next);
			setting = next.setting;
			index++;
			continue;
		}
		// Requests too old to be worth serving leave the queue before the batch is made up.
		if (start - (origin_s[head] as number) > dropAfter_s) {
			completion_s[head++] = Number.POSITIVE_INFINITY;
			dropped++;
			continue;
		}
		let size = 0;
		while (size < setting.batch && head + size < arrival_s.length && (arrival_s[head + size] as number) <= start)
			size++;
		const end = start + setting.latency_s;
		completion_s.fill(end, head, head + size);
		free[server] = end;
		busy_s[index] = (busy_s[index] as number) + setting.latency_s;
		batches[index] = (batches[index] as number) + 1;
		head += size;
	}
	return { completion_s, dropped, busy_s, batches };
}

/** Replicas after a change: the same ones when only their number or batch changes, new ones when variant or cores do. */
function carriedOver(free: Float64Array, before: StageSetting, { from_s, setting }: TimedSetting): Float64Array {
	const after = new Float64Array(setting.replicas).fill(from_s);
	if (before.variant !== setting.variant || before.cores !== setting.cores) return after;
	// Of the old replicas the ones that are free first stay; a busy one that is removed finishes its batch.
	const kept = [...free].sort((a, b) => a - b).slice(0, after.length);
	after.set(kept);
	return after;
}

function earliest(free: Float64Array): number {
	let best = 0;
	for (let i = 1; i < free.length; i++) if ((free[i] as number) < (free[best] as number)) best = i;
	return best;
}
