import { groupBy } from "../group.js";
import type { ProfilePoint } from "./profile.js";

/** No allocation lets a variant reach the threshold within the stage's SLA. */
export class BaseAllocationError extends Error {
	override readonly name = "BaseAllocationError";

	constructor(variant: string, threshold_rps: number, sla_s: number) {
		super(
			`no base allocation: ${variant} reaches ${threshold_rps} requests/s within the stage's SLA of ${sla_s} s on none of the allocations left`,
		);
	}
}

/**
 * IPA's base allocations, cores by variant. Per variant and allocation the batches of its profile (after the
 * regression step, where there is one: IPA counts there, not on the measured batches) are counted whose
 * throughput is at least the threshold and whose latency is within the stage's SLA. The variants are walked by rising
 * accuracy with one index into the allocations (in order of appearance) that never goes back: the first variant takes
 * the first allocation with a count; each later one starts at the index before it, moves up one where the next
 * allocation has a strictly higher count, and on while the count is zero.
 *
 * @param points of one stage, in file order
 * @throws BaseAllocationError where no allocation is left for a variant
 */
export function baseAllocations(
	points: readonly ProfilePoint[],
	threshold_rps: number,
	sla_s: number,
): ReadonlyMap<string, number> {
	const allocations = [...new Set(points.map(({ cores }) => cores))];
	const variants = [...groupBy(points, ({ variant }) => variant)].sort(
		([, a], [, b]) => (a[0] as ProfilePoint).accuracy_pct - (b[0] as ProfilePoint).accuracy_pct,
	);
	const chosen = new Map<string, number>();
	let index = 0;
	for (const [variant, own] of variants) {
		const counts = allocations.map(
			(cores) =>
				own.filter(
					(point) => point.cores === cores && point.throughput_rps >= threshold_rps && point.latency_s <= sla_s,
				).length,
		);
		if (chosen.size > 0 && (counts[index + 1] ?? 0) > (counts[index] as number)) index++;
		while (index < allocations.length && counts[index] === 0) index++;
		const cores = allocations[index];
		if (cores === undefined) throw new BaseAllocationError(variant, threshold_rps, sla_s);
		chosen.set(variant, cores);
	}
	return chosen;
}
