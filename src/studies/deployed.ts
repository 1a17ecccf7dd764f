import type { RunActedOn } from "../deployment/actedOn.js";
import type { Estimate } from "../deployment/busyCores.js";
import type { Deployment, RunRow } from "../deployment/deployment.js";
import { available, type Perhaps, unavailable } from "../outcome.js";

/** A part of a deployment's package power. */
export interface PowerPart {
	readonly what: string;
	readonly power_w: Omit<Estimate, "n">;
	/** `modelled` as soon as cores that were busy enter it: they follow from IPA's profile. */
	readonly kind: "measured" | "modelled";
	readonly rests_on: string;
	/** Of the joules of the loaded time. */
	readonly of_the_load_share?: number;
}

/** What the power of a deployment is made of: an estimate with its interval a row. */
function powerParts(found: Deployment): PowerPart[] {
	const { busy_cores: busy, drift, floor_share } = found;
	const fitted = busy.status === "fitted" ? busy : undefined;
	const part = (
		what: string,
		power_w: Estimate | undefined,
		unit: "run" | "load",
		kind: PowerPart["kind"] = "modelled",
	): PowerPart[] =>
		power_w === undefined
			? []
			: [{ what, power_w, kind, rests_on: `${power_w.n} ${power_w.n === 1 ? unit : `${unit}s`}` }];
	return [
		...part("node at rest (floor), packages", found.floor_w, "run", "measured").map((row) =>
			floor_share === undefined ? row : { ...row, of_the_load_share: floor_share },
		),
		...part("node at rest, memory", found.floor_dram_w, "run", "measured"),
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
			kind: "modelled",
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
function rankedSystems({ rankings }: Pick<Deployment, "rankings">): RankedSystem[] {
	return rankings.flatMap(({ workload, systems, tau_b }) =>
		systems.map((own) => ({ load: workload, ...own, ...(tau_b === undefined ? {} : { tau_b }) })),
	);
}

/** A share of the variance of power, over steps of 10 s, that a quantity explains. */
export interface ExplainedPower {
	readonly power_explained_by: string;
	readonly r2: number;
}

/** A run in a row, its flags in words. */
export interface DeployedRunRow extends Omit<RunRow, "phases" | "flags"> {
	/** Of all but the joules of a request served, which rest on the configuration's modelled capacity. */
	readonly kind: "measured, per request served modelled";
	readonly flags: readonly string[];
}

/** What a deployment says, in parts; each with a reason in its place where it says nothing. */
export interface DeployedParts {
	/** Every run: what it was, W and J per request of its load, and what disturbed it. */
	readonly runs: Perhaps<readonly DeployedRunRow[]>;
	/** What the power is made of. */
	readonly power: Perhaps<readonly PowerPart[]>;
	readonly explained: Perhaps<readonly ExplainedPower[]>;
	/** How far allocated cores (IPA's cost) rank the systems of each load as their power does. */
	readonly ranks: Perhaps<readonly RankedSystem[]>;
	/** Whether each run's decisions reached the node, by its power. */
	readonly decisions: Perhaps<readonly RunActedOn[]>;
}

/**
 * A deployment in parts.
 *
 * @example
 * const { power } = studies.deployed(evaluation.deployment([]));
 * power; // → { status: "unavailable", reason: "no run says what was deployed" }
 */
export function deployed(found: Deployment): DeployedParts {
	const { busy_cores: busy, refused, explained } = found;
	const none = refused.map(({ run, reason }) => `run ${run}: ${reason}`).join("; ") || "there are no runs";
	const quantities = [
		["busy cores of what was started", explained.busy_cores],
		["allocated cores of what was started (IPA's cost)", explained.allocated_cores],
		["busy cores of what was decided", explained.decided_busy_cores],
		["allocated cores of what was decided", explained.decided_cores],
	] as const;
	return {
		runs: rowsOr(
			found.runs.map(({ phases: _, flags, ...run }) => ({
				...run,
				kind: "measured, per request served modelled",
				flags: flags.map(({ name, from_s, until_s }) => `${name} ${from_s} to ${until_s} s`),
			})),
			none,
		),
		power: busy.status === "fitted" ? rowsOr(powerParts(found), none) : unavailable(busy.reason),
		explained: rowsOr(
			quantities.flatMap(([power_explained_by, r2]) => (r2 === undefined ? [] : [{ power_explained_by, r2 }])),
			busy.status === "fitted" ? none : busy.reason,
		),
		ranks: rowsOr(rankedSystems(found), "no load was served by two systems of which the table of runs says the cores"),
		decisions: rowsOr(found.acted_on, "no adapter's decisions were given (--decisions)"),
	};
}

function rowsOr<Row>(rows: readonly Row[], reason: string): Perhaps<readonly Row[]> {
	return rows.length === 0 ? unavailable(reason) : available(rows);
}
