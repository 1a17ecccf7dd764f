import { meanPower } from "./batchEnergy.js";
import { domainsOf } from "./domainsOf.js";
import type { Idle, JournalRecord } from "./records.js";

/** Idle power around a block by the preferred probe, and how far it drifted. */
export interface IdleOfBlock {
	readonly block: number;
	readonly probe: string;
	/** What the baselines count, as `domainsOf` names them. */
	readonly domains: string;
	/** Mean of the baselines before and after the block, W. */
	readonly power_w: number;
	readonly before_w: number;
	readonly after_w: number;
	/** (after - before) / before. */
	readonly drift: number;
}

/** Idle power by block. A block without both baselines, with a refused one, or with two of other domains, has none. */
export function idlePowers(records: readonly JournalRecord[]): ReadonlyMap<number, IdleOfBlock> {
	const idles = records.filter((record): record is Idle => record.type === "idle");
	const pairs = idles.flatMap((before): [number, IdleOfBlock][] => {
		const after = idles.find(({ block, when }) => block === before.block && when === "after");
		const from = power(before);
		const to = after === undefined ? undefined : power(after);
		if (before.when !== "before" || from === undefined || to === undefined) return [];
		if (from.probe !== to.probe || from.domains !== to.domains) return [];
		return [
			[
				before.block,
				{
					block: before.block,
					probe: from.probe,
					domains: from.domains,
					power_w: (from.power_w + to.power_w) / 2,
					before_w: from.power_w,
					after_w: to.power_w,
					drift: (to.power_w - from.power_w) / from.power_w,
				},
			],
		];
	});
	return new Map(pairs);
}

function power({ readings: [reading] }: Idle): { probe: string; domains: string; power_w: number } | undefined {
	return reading?.status === "reading"
		? { probe: reading.probe, domains: domainsOf(reading), power_w: meanPower(reading) }
		: undefined;
}
