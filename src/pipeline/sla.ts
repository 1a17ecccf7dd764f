import { groupBy } from "../group.js";
import type { ProfilePoint } from "./profile.js";

/**
 * SLA of a stage, s: 5 x sla_factor x the mean over its variants of the latency of the first point (smallest batch) under
 * the variant's last allocation in file order.
 */
export function stageSla(points: readonly ProfilePoint[], sla_factor: number): number {
	const variants = [...groupBy(points, ({ variant }) => variant).values()];
	const latencies = variants.map((own) => {
		const { cores } = own.at(-1) as ProfilePoint;
		return (own.find((point) => point.cores === cores) as ProfilePoint).latency_s;
	});
	return (5 * sla_factor * latencies.reduce((sum, latency) => sum + latency, 0)) / latencies.length;
}
