import type { Estimate } from "../../deployment/busyCores.js";
import type { Deployment } from "../../deployment/deployment.js";
import type { FrameValue } from "../frames.js";

type Row = Readonly<Record<string, FrameValue>>;

/** What the power of a deployment is made of, an estimate a row: W with its interval. */
export function deploymentPowerRows(found: Deployment): Row[] {
	const { busy_cores: busy, drift } = found;
	const fitted = busy.status === "fitted" ? busy : undefined;
	const rows: (Row | undefined)[] = [
		withShare(estimateRow("node at rest (floor), packages", found.floor_w, "runs"), found.floor_share),
		estimateRow("node at rest, memory", found.floor_dram_w, "runs"),
		estimateRow("node with the pipeline at work, no core busy", fitted?.serving_w, "runs"),
		estimateRow("busy core", fitted?.w_per_busy_core, "runs"),
		estimateRow("allocated idle core, under low load", found.idle_core_low_load_w, "loads"),
		estimateRow("allocated idle core, after the load", found.idle_core_after_load_w, "loads"),
		...found.allocated_cores.map(({ workload, w_per_allocated_core }) =>
			estimateRow(`allocated core at the same variants, ${workload}`, w_per_allocated_core, "runs"),
		),
		...found.same_cost_other_variants.map(({ workload, configuration, against, difference_w, ...share }) =>
			estimateRow(
				`${configuration} less ${against}, ${workload}${share.served_share < 0.99 || share.served_share_against < 0.99 ? " (not all served)" : ""}`,
				difference_w,
				"runs",
			),
		),
		{
			what: `level between runs of one configuration, standard deviation${drift.status === "assumed" ? " (assumed: the published runs')" : ""}`,
			W: drift.sd_w,
			"rests on": `${drift.degrees} degrees of freedom`,
		},
	];
	return rows.filter((row) => row !== undefined);
}

/** Every run: what it was, W and J per request of its load, and what disturbed it. */
export function deploymentRunRows({ runs }: Deployment): Row[] {
	return runs.map((row) => ({
		run: row.run,
		system: row.system,
		load: row.workload,
		configuration: `${row.configuration ?? "not stated"}${row.configuration_from === "first decision" ? " (decided first)" : ""}`,
		"load from (s)": row.load_start_s,
		"found by": row.start_from === "power" ? "power" : "the table of runs",
		"power (W)": row.load_w,
		"undisturbed (W)": row.undisturbed_w,
		"J per request sent": row.j_per_request_sent,
		"J per request served (modelled)": row.j_per_request_served ?? null,
		"flat above (requests/s)": row.flat_above_rps ?? null,
		"disturbed steps": row.disturbed_steps,
		flags: row.flags.map(({ name, from_s, until_s }) => `${name} ${from_s} to ${until_s} s`).join("; "),
	}));
}

/** How far allocated cores (IPA's cost) rank the systems of each load as their power does. */
export function deploymentRankRows({ rankings }: Deployment): Row[] {
	return rankings.map(({ workload, systems, tau_b }) => ({
		load: workload,
		...Object.fromEntries(
			systems.map(({ system, load_w, cost_cores }) => [`${system} (W, ${cost_cores} cores)`, load_w]),
		),
		"Kendall's tau-b of power and cores": tau_b ?? null,
	}));
}

/** Shares of the variance of power, over steps of 10 s, that each quantity explains. */
export function deploymentExplainedRows({ explained }: Deployment): Row[] {
	const named = [
		["busy cores of what was started", explained.busy_cores],
		["allocated cores of what was started (IPA's cost)", explained.allocated_cores],
		["busy cores of what was decided", explained.decided_busy_cores],
		["allocated cores of what was decided", explained.decided_cores],
	] as const;
	return named.flatMap(([what, r2]) => (r2 === undefined ? [] : [{ "power explained by": what, R2: r2 }]));
}

/** Whether each run's decisions reached the node, by its power. */
export function actedOnRows({ acted_on }: Deployment): Row[] {
	return acted_on.map(({ run, system, workload, outcome }) => ({
		run,
		system,
		load: workload,
		"decisions were": outcome.status,
		"share of the decided change that the power shows": outcome.share ?? null,
		low: outcome.share === undefined ? null : outcome.low,
		high: outcome.share === undefined ? null : outcome.high,
		"decisions would have added (W)": outcome.share === undefined ? null : outcome.expected_w,
		because: outcome.reason,
	}));
}

function withShare(row: Row | undefined, share: number | undefined): Row | undefined {
	return row === undefined || share === undefined ? row : { ...row, "share of the loaded joules (%)": 100 * share };
}

function estimateRow(what: string, estimate: Estimate | undefined, unit: string): Row | undefined {
	if (estimate === undefined) return undefined;
	const { value, low, high, n } = estimate;
	return {
		what,
		W: value,
		low: low ?? null,
		high: high ?? null,
		"rests on": `${n} ${n === 1 ? unit.slice(0, -1) : unit}`,
	};
}
