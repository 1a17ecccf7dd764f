import type { Estimate } from "../deployment/busyCores.js";
import type { Deployment } from "../deployment/deployment.js";

/** A part of a deployment's package power. */
export interface PowerPart {
	readonly what: string;
	readonly power_w: Omit<Estimate, "n">;
	readonly rests_on: string;
	/** Of the joules of the loaded time. */
	readonly of_the_load_share?: number;
}

/**
 * What the power of a deployment is made of: an estimate with its interval a row.
 *
 * @example
 * // Without a run nothing is left but how far repeated runs are assumed to lie apart.
 * studies.powerParts(evaluation.deployment([])).map(({ power_w }) => power_w.value); // → [0.37]
 */
export function powerParts(found: Deployment): PowerPart[] {
	const { busy_cores: busy, drift, floor_share } = found;
	const fitted = busy.status === "fitted" ? busy : undefined;
	const part = (what: string, power_w: Estimate | undefined, unit: "run" | "load"): PowerPart[] =>
		power_w === undefined ? [] : [{ what, power_w, rests_on: `${power_w.n} ${power_w.n === 1 ? unit : `${unit}s`}` }];
	return [
		...part("node at rest (floor), packages", found.floor_w, "run").map((row) =>
			floor_share === undefined ? row : { ...row, of_the_load_share: floor_share },
		),
		...part("node at rest, memory", found.floor_dram_w, "run"),
		...part("node with the pipeline at work, no core busy", fitted?.serving_w, "run"),
		...part("busy core", fitted?.w_per_busy_core, "run"),
		...part("allocated idle core, under low load", found.idle_core_low_load_w, "load"),
		...part("allocated idle core, after the load", found.idle_core_after_load_w, "load"),
		...found.allocated_cores.flatMap(({ workload, w_per_allocated_core }) =>
			part(`allocated core at the same variants, ${workload}`, w_per_allocated_core, "run"),
		),
		...found.same_cost_other_variants.flatMap((own) => {
			const whole = own.served_share >= 0.99 && own.served_share_against >= 0.99;
			const what = `${own.configuration} less ${own.against}, ${own.workload}${whole ? "" : " (not all served)"}`;
			return part(what, own.difference_w, "run");
		}),
		{
			what: `level between runs of one configuration, standard deviation${drift.status === "assumed" ? " (assumed: the published runs')" : ""}`,
			power_w: { value: drift.sd_w },
			rests_on: `${drift.degrees} degrees of freedom`,
		},
	];
}

/** A system under a load: its power and its cost, and how far costs rank the systems of that load as powers do. */
export interface RankedSystem {
	readonly load: string;
	readonly system: string;
	readonly load_w: number;
	readonly cost_cores: number;
	/** Kendall's tau-b of power and cores over the systems of the load. */
	readonly tau_b?: number;
}

/** How far allocated cores (IPA's cost) rank the systems of each load as their power does, a row a system. */
export function rankedSystems({ rankings }: Pick<Deployment, "rankings">): RankedSystem[] {
	return rankings.flatMap(({ workload, systems, tau_b }) =>
		systems.map((own) => ({ load: workload, ...own, ...(tau_b === undefined ? {} : { tau_b }) })),
	);
}
