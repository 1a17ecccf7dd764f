import { pipelineOptions } from "../pipeline/options.js";
import type { ProfilePoint } from "../pipeline/profile.js";
import type { PipelineSpec } from "../pipeline/spec.js";

/**
 * A pipeline in which a replica may have a time slice of its allocation: each point is also there at 1/n of its cores, as
 * one of n tenants that keep it busy (processor sharing: n times the latency, 1/n of the throughput, and a share
 * `switch_overhead` more for switching). Which allocation is taken is then part of the choice, and the SLA stays that of
 * the pipeline as it was. A slice's latency and joules are modelled and say so: a board's meter does not know tenants.
 *
 * @param tenants how many may share an allocation, besides one alone
 * @throws RangeError where a number of tenants is not whole and above 1
 */
export function withTenants(spec: PipelineSpec, tenants: readonly number[], switch_overhead = 0.11): PipelineSpec {
	const bad = tenants.find((n) => !(Number.isInteger(n) && n > 1));
	if (bad !== undefined) throw new RangeError(`tenants must be whole numbers above 1, received ${bad}`);
	return {
		...spec,
		sla_s: pipelineOptions(spec).sla_s,
		allocation_mode: "variable",
		stages: spec.stages.map((stage) => {
			const known = new Set(stage.points.map(({ variant, cores, batch }) => `${variant} ${cores} ${batch}`));
			const slices = tenants.flatMap((n) => stage.points.map((point) => slice(point, n, switch_overhead)));
			return {
				...stage,
				points: [...stage.points, ...slices.filter(isNew)],
			};
			/** A measured allocation wins over a slice of a larger one, a slice of a smaller over that of a larger one. */
			function isNew({ variant, cores, batch }: ProfilePoint): boolean {
				const key = `${variant} ${cores} ${batch}`;
				return !known.has(key) && known.add(key) !== undefined;
			}
		}),
	};
}

function slice(point: ProfilePoint, tenants: number, switch_overhead: number): ProfilePoint {
	const slower = 1 + switch_overhead;
	const { energy } = point;
	return {
		...point,
		cores: point.cores / tenants,
		latency_s: point.latency_s * tenants * slower,
		throughput_rps: point.throughput_rps / (tenants * slower),
		kind: "modelled",
		...(energy === undefined
			? {}
			: {
					energy: {
						energy_j_per_batch: energy.energy_j_per_batch * slower,
						idle_power_w: energy.idle_power_w / tenants,
						kind: "modelled" as const,
					},
				}),
	};
}
