import type { SweepJournal } from "./readSweep.js";
import type { SweepIdle } from "./records.js";

/** Idle power around a call, by the counter, with the sweep's one context open. */
export interface IdleOfCall {
	readonly call: number;
	readonly before_w: number;
	readonly after_w: number;
	/** Mean of both, W. */
	readonly power_w: number;
	/** (after - before) / before. */
	readonly drift: number;
}

/** Idle power by call. A call without both baselines (one that was stopped), or without a counter, has none. */
export function idlePowersOf({ idles }: SweepJournal): ReadonlyMap<number, IdleOfCall> {
	return new Map(
		idles.flatMap((before): [number, IdleOfCall][] => {
			const after = idles.find(({ call, when }) => call === before.call && when === "after");
			if (before.when !== "before" || after === undefined) return [];
			const before_w = power(before);
			const after_w = power(after);
			if (before_w === undefined || after_w === undefined) return [];
			const { call } = before;
			return [
				[call, { call, before_w, after_w, power_w: (before_w + after_w) / 2, drift: (after_w - before_w) / before_w }],
			];
		}),
	);
}

function power({ counter, start_s, end_s }: SweepIdle): number | undefined {
	return counter.status === "available" ? counter.energy_j / (end_s - start_s) : undefined;
}
