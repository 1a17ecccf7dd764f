import type { Evidence, EvidenceCell } from "../evaluation/evidence.js";
import { groupBy } from "../group.js";

/** What a replica's energy does when its cores grow in place, on measured cells that differ in nothing else. */
export interface CoresInPlace {
	readonly dataset: string;
	readonly hardware: string;
	readonly variant: string;
	readonly batch: number;
	readonly from_cores: number;
	readonly to_cores: number;
	/** Latency and energy of a request on the larger allocation, over those on the smaller. */
	readonly latency_ratio: number;
	readonly energy_ratio: number;
}

/**
 * Every pair of neighbouring allocations of a dataset that has measured energies and no flag. A machine that scales out
 * instead would have the smaller allocation's energy a request, several times at once.
 */
export function coresInPlace({ dataset, cells }: Evidence): CoresInPlace[] {
	const usable = cells.filter(
		({ flags, energy, latency_s }) => flags.length === 0 && energy.status === "available" && latency_s !== undefined,
	);
	const alike = ({
		allocation: _,
		latency_s: __,
		throughput_rps: ___,
		energy: ____,
		line: _____,
		repetitions,
		accuracy_pct,
		...rest
	}: EvidenceCell) => JSON.stringify(rest);
	return [...groupBy(usable, alike).values()].flatMap((own) => {
		const ascending = [...own].sort((a, b) => a.allocation - b.allocation);
		return ascending.slice(1).flatMap((larger, k): CoresInPlace[] => {
			const smaller = ascending[k]!;
			if (
				larger.energy.status !== "available" ||
				smaller.energy.status !== "available" ||
				larger.allocation === smaller.allocation
			)
				return [];
			return [
				{
					dataset,
					hardware: larger.hardware,
					variant: larger.variant,
					batch: larger.batch,
					from_cores: smaller.allocation,
					to_cores: larger.allocation,
					latency_ratio: larger.latency_s! / smaller.latency_s!,
					energy_ratio: larger.energy.energy_j_per_request / smaller.energy.energy_j_per_request,
				},
			];
		});
	});
}
