import { groupBy } from "../group.js";

/** A row of IPA's published measurements that may enter a profile. */
export interface ServingRow {
	readonly variant: string;
	readonly cores: number;
	readonly batch: number;
	/** Offered load, requests/s. */
	readonly load_rps: number;
	readonly series: string;
	readonly quality: string;
	/** Of the statistic that the stage is read by, s. */
	readonly latency_s: number;
	readonly line: number;
}

/** Best first: what IPA's final configurations point at, what its paper prints, complete later grids, development runs. */
const qualities = ["final-ipa-profile", "paper-table", "sponge-grid", "dev"] as const;

/** IPA's final configurations read the profile at this load (profiling_load), requests/s. */
const profilingLoad_rps = 20;

/**
 * One row a cell (variant, cores, batch). A row enters where batches can fill: MLServer waits at most 1 s for a batch, so
 * a load under `batch` requests/s measures smaller batches than the cell says. Of several rows of a cell the one of the
 * best quality enters, then the one whose load is nearest to IPA's profiling load, then the first in the file.
 */
export function selectRows(rows: readonly ServingRow[]): ServingRow[] {
	const usable = rows.filter(
		({ quality, load_rps, batch }) => (qualities as readonly string[]).includes(quality) && load_rps >= batch,
	);
	return [...groupBy(usable, ({ variant, cores, batch }) => JSON.stringify([variant, cores, batch])).values()].map(
		(cell) =>
			cell.toSorted(
				(a, b) =>
					rankOf(a) - rankOf(b) ||
					Math.abs(a.load_rps - profilingLoad_rps) - Math.abs(b.load_rps - profilingLoad_rps) ||
					a.line - b.line,
			)[0] as ServingRow,
	);
}

function rankOf({ quality }: ServingRow): number {
	return (qualities as readonly string[]).indexOf(quality);
}
