import { groupBy } from "../group.js";
import type { ProfilePoint } from "./profile.js";

/**
 * SLA of a stage, s: 5 x sla_factor x the mean over its variants of the latency of the smallest batch under the variant's
 * last allocation, allocations being in the order of their first appearance. Where points stand in another order than
 * IPA's (batches rising within an allocation), it is still that latency.
 */
export function stageSla(points: readonly ProfilePoint[], sla_factor: number): number {
	const variants = [...groupBy(points, ({ variant }) => variant).values()];
	const latencies = variants.map((own) => {
		const last = [...groupBy(own, ({ cores }) => cores).values()].at(-1) as readonly ProfilePoint[];
		return last.reduce((first, point) => (point.batch < first.batch ? point : first)).latency_s;
	});
	return (5 * sla_factor * latencies.reduce((sum, latency) => sum + latency, 0)) / latencies.length;
}
