/** A batch of this many requests, and how long it keeps a replica busy. */
export interface BatchPoint {
	readonly batch: number;
	readonly latency_s: number;
}

/** What a stage runs from a moment on. */
export interface StageSetting {
	readonly variant: string;
	readonly cores: number;
	readonly batch: number;
	readonly replicas: number;
	/** How long a full batch keeps its replica busy, s. */
	readonly latency_s: number;
	/**
	 * Profiled smaller batches of the same variant and cores, rising: a batch that is not full takes what lies between
	 * them (`atBatch`). Where none is given it takes as long as a full one.
	 */
	readonly smaller?: readonly BatchPoint[];
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

/** Sees what the replicas do, as it happens: for the energy over time. */
export interface StageWatch {
	/** A batch of `size` requests runs; `setting` is the index of the timed setting that serves it. */
	readonly batch?: (setting: number, size: number, start_s: number, end_s: number) => void;
	/** A replica that a change took away finishes its last batch after the change. */
	readonly drain?: (setting: number, from_s: number, until_s: number) => void;
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
	watch: StageWatch = {},
): StageOutcome {
	const count = arrival_s.length;
	const completion_s = new Float64Array(count);
	const busy_s = new Float64Array(settings.length);
	const batches = new Float64Array(settings.length);
	let dropped = 0;
	let index = 0;
	let setting = (settings[0] as TimedSetting).setting;
	let free: Float64Array = new Float64Array(setting.replicas);
	let head = 0;
	const drop = (request: number) => {
		completion_s[request] = Number.POSITIVE_INFINITY;
		dropped++;
	};
	const change = (next: TimedSetting) => {
		const changed = carriedOver(free, setting, next);
		for (const until_s of changed.removed) if (until_s > next.from_s) watch.drain?.(index, next.from_s, until_s);
		free = changed.free;
		setting = next.setting;
		index++;
	};
	while (head < count) {
		const oldest = arrival_s[head] as number;
		const full = head + setting.batch - 1;
		const formed =
			full < count ? Math.min(arrival_s[full] as number, oldest + batchTimeout_s) : oldest + batchTimeout_s;
		const server = earliest(free);
		const start = Math.max(formed, free[server] as number);
		const next = settings[index + 1];
		if (next !== undefined && next.from_s <= start) {
			change(next);
			continue;
		}
		// A request too old to be worth serving leaves the queue before the batch is made up.
		if (start - (origin_s[head] as number) > dropAfter_s) {
			drop(head++);
			continue;
		}
		const first = head;
		let size = 0;
		while (size < setting.batch && head < count && (arrival_s[head] as number) <= start) {
			// After a change of setting a younger request can be ahead of an older one.
			if (start - (origin_s[head] as number) > dropAfter_s) drop(head);
			else size++;
			head++;
		}
		const latency_s = atBatch(setting, size, latencyOfCell);
		const end = start + latency_s;
		for (let i = first; i < head; i++) if (completion_s[i] !== Number.POSITIVE_INFINITY) completion_s[i] = end;
		free[server] = end;
		busy_s[index] = (busy_s[index] as number) + latency_s;
		batches[index] = (batches[index] as number) + 1;
		watch.batch?.(index, size, start, end);
	}
	// A change after the last request still takes replicas away from what they run.
	for (const next of settings.slice(index + 1)) change(next);
	return { completion_s, dropped, busy_s, batches };
}

function latencyOfCell({ latency_s }: BatchPoint): number {
	return latency_s;
}

/** Replicas after a change: the same ones when only their number or batch changes, new ones when variant or cores do. */
function carriedOver(
	free: Float64Array,
	before: StageSetting,
	{ from_s, setting }: TimedSetting,
): { readonly free: Float64Array; readonly removed: readonly number[] } {
	const after = new Float64Array(setting.replicas).fill(from_s);
	if (before.variant !== setting.variant || before.cores !== setting.cores) return { free: after, removed: [...free] };
	// Of the old replicas the ones that are free first stay; a busy one that is removed finishes its batch.
	const sorted = [...free].sort((a, b) => a - b);
	// What a kept replica does under the new setting begins at the change, however long it was free before.
	const kept = sorted.slice(0, after.length).map((free_s) => Math.max(free_s, from_s));
	after.set(kept);
	return { free: after, removed: sorted.slice(after.length) };
}

function earliest(free: Float64Array): number {
	let best = 0;
	for (let i = 1; i < free.length; i++) if ((free[i] as number) < (free[best] as number)) best = i;
	return best;
}

/** A profiled batch, and the smaller ones of the same variant and cores, rising. */
interface Cells<Cell> {
	readonly smaller?: readonly Cell[];
}

/**
 * A quantity of a batch of `size` requests: straight between the profiled batches around it, that of the smallest below
 * them, and that of the full batch where no smaller one is given.
 *
 * @param full the full batch, at least `size`
 * @example
 * // 0.5 s for 1 and 0.8 s for 4 requests: 0.6 s for 2
 * atBatch({ batch: 4, latency_s: 0.8, smaller: [{ batch: 1, latency_s: 0.5 }] }, 2, (cell) => cell.latency_s);
 */
export function atBatch<Cell extends { readonly batch: number }>(
	full: Cell & Cells<Cell>,
	size: number,
	read: (cell: Cell) => number,
): number {
	const { smaller = [] } = full;
	let above: Cell = full;
	let k = smaller.length - 1;
	for (; k >= 0 && (smaller[k] as Cell).batch >= size; k--) above = smaller[k] as Cell;
	const below = smaller[k];
	if (below === undefined) return read(above);
	const share = (size - below.batch) / (above.batch - below.batch);
	return read(below) + share * (read(above) - read(below));
}

/**
 * Adds a constant rate over a stretch of time to the intervals that it crosses: `into[k]` grows by the rate times the
 * seconds of interval k within the stretch. What lies past the last interval is added to the last.
 *
 * @param into one entry an interval
 * @param rate per second
 */
export function spread(into: Float64Array, rate: number, from_s: number, until_s: number, interval_s: number): void {
	const last = into.length - 1;
	let at_s = from_s;
	for (let k = Math.min(last, Math.floor(from_s / interval_s)); at_s < until_s; k++) {
		const end_s = k >= last ? until_s : Math.min(until_s, (k + 1) * interval_s);
		into[Math.min(k, last)] = (into[Math.min(k, last)] as number) + rate * (end_s - at_s);
		at_s = end_s;
	}
}
