/** How many seconds' worth of its capacity a deployment lets wait before it drops requests: IPA's `drop_limit` on Video. */
const queue_s = 10;

/**
 * Requests served in each second, by a queue in front of a capacity: what cannot be served waits, up to `queueSeconds` of
 * the capacity, and the rest is dropped. Longer than the load by the seconds in which the queue drains.
 *
 * @param load_rps requests sent in each second
 * @example
 * served([4, 0], 2); // [2, 2, 0, 0, …]
 */
export function served(load_rps: ArrayLike<number>, capacity_rps: number, queueSeconds = queue_s): Float64Array {
	const served_rps = new Float64Array(load_rps.length + queueSeconds);
	let waiting = 0;
	for (let second = 0; second < served_rps.length; second++) {
		const there = waiting + (load_rps[second] ?? 0);
		const now = Math.min(there, capacity_rps);
		served_rps[second] = now;
		waiting = Number.isFinite(capacity_rps) ? Math.min(there - now, queueSeconds * capacity_rps) : 0;
	}
	return served_rps;
}

/** Means of consecutive stretches of `size` values; a shorter rest at the end is left out. */
export function meansOf(values: ArrayLike<number>, size: number): Float64Array {
	return Float64Array.from({ length: Math.floor(values.length / size) }, (_, k) => {
		let sum = 0;
		for (let i = 0; i < size; i++) sum += values[k * size + i] as number;
		return sum / size;
	});
}

/** What a log's stretch is of. `drain`: requests that still waited when the load ended. */
export type PhaseName = "idle" | "set-up" | "load" | "drain" | "after";

export interface Phase {
	readonly name: PhaseName;
	readonly from_s: number;
	readonly until_s: number;
}

/**
 * What a whole log holds beside its run. `tail`: it goes on long after the load. `overlap`: outside of the load the power
 * is that of a load for minutes, so that another run is in the same log. `idle-unquiet`: what should be idle is not
 * below the rest.
 */
export interface AlignmentFlag {
	readonly name: "tail" | "overlap" | "idle-unquiet";
	readonly from_s: number;
	readonly until_s: number;
}

/** The phase of a name, where the log has it. */
export function phase(phases: readonly Phase[], name: PhaseName): Phase | undefined {
	return phases.find((other) => other.name === name);
}

/** Longest plausible tear-down, s; what follows is a tail. */
const tearDown_s = 300;
/** A set-up draws like a load for minutes; another run's load lasts longer, s. */
const longSetUp_s = 240;
/** The phases of a log of so many seconds whose load begins at a moment. */
export function phasesOf(start_s: number, length: number, seconds: number, idle_s: number): Phase[] {
	const end_s = start_s + length;
	const idleEnd_s = start_s >= idle_s ? idle_s : 0;
	const phases: readonly Phase[] = [
		{ name: "idle", from_s: 0, until_s: idleEnd_s },
		{ name: "set-up", from_s: idleEnd_s, until_s: start_s },
		{ name: "load", from_s: start_s, until_s: end_s },
		{ name: "drain", from_s: end_s, until_s: Math.min(end_s + queue_s, seconds) },
		{ name: "after", from_s: Math.min(end_s + queue_s, seconds), until_s: seconds },
	];
	return phases.filter(({ from_s, until_s }) => until_s > from_s);
}

/** What of a log is none of its run, by its power second by second; `half_w` lies between load and rest. */
export function flagsOf(power: Float64Array, phases: readonly Phase[], half_w: number): AlignmentFlag[] {
	const flags: AlignmentFlag[] = [];
	const after = phase(phases, "after");
	if (after !== undefined && after.until_s - after.from_s > tearDown_s)
		flags.push({ name: "tail", from_s: after.from_s, until_s: after.until_s });
	for (const [own, least_s] of [
		[phase(phases, "set-up"), longSetUp_s],
		[after, 60],
	] as const)
		for (const stretch of own === undefined ? [] : loaded(power, own, half_w, least_s))
			flags.push({ name: "overlap", ...stretch });
	const idle = phase(phases, "idle");
	if (idle !== undefined) {
		const mean = power.subarray(idle.from_s, idle.until_s).reduce((sum, w) => sum + w, 0) / idle.until_s;
		if (mean > half_w) flags.push({ name: "idle-unquiet", from_s: idle.from_s, until_s: idle.until_s });
	}
	return flags;
}

/** Stretches of a phase whose power, over half minutes, is above a level for at least so long. */
function loaded(power: Float64Array, { from_s, until_s }: Phase, level_w: number, least_s: number) {
	const step = 30;
	const found: { from_s: number; until_s: number }[] = [];
	for (let begin = from_s; begin + step <= until_s; begin += step) {
		const mean = power.subarray(begin, begin + step).reduce((sum, w) => sum + w, 0) / step;
		if (mean <= level_w) continue;
		const last = found.at(-1);
		if (last?.until_s === begin) last.until_s = begin + step;
		else found.push({ from_s: begin, until_s: begin + step });
	}
	return found.filter((stretch) => stretch.until_s - stretch.from_s >= least_s);
}
