import type { Estimate, Step } from "../deployment/busyCores.js";
import type { Deployment } from "../deployment/deployment.js";
import { groupBy } from "../group.js";
import type { FrameValue } from "./frames.js";
import { axis, type Figure, groupColours, houseLayout, type Trace } from "./house.js";

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

/**
 * Power of every step of a deployment against the cores that its load kept busy (left) and against the cores that were
 * allocated, IPA's cost (right), configurations by colour. Throws RangeError where no line could be fitted.
 */
export function deploymentFigure(
	{ busy_cores: busy, explained, floor_w }: Deployment,
	source = "RAPL of the whole node, by perf stat; busy cores modelled from IPA's profile",
): Figure {
	if (busy.status !== "fitted") throw new RangeError(busy.reason);
	const steps = busy.steps.filter(({ disturbed }) => !disturbed);
	const labelOf = ({ run }: Step) => run.started?.label ?? "";
	const colours = groupColours(steps.map(labelOf));
	const { w_per_busy_core, serving_w } = busy;
	const most = Math.max(...steps.map(({ busy_cores }) => busy_cores));
	const panel = (x: (step: Step, i: number) => number, second: boolean) =>
		[...groupBy(steps, labelOf)].map(
			([name, own]): Trace => ({
				type: "scatter",
				mode: "markers",
				name,
				legendgroup: name,
				showlegend: !second,
				x: own.map(x),
				y: own.map(({ power_w }) => Number(power_w.toPrecision(5))),
				marker: { color: colours.get(name), size: 4, opacity: 0.45 },
				...(second ? { xaxis: "x2", yaxis: "y2" } : {}),
			}),
		);
	const names = [...colours.keys()];
	// Runs of the same cores lie side by side, so that one does not hide the other.
	const beside = (step: Step, i: number) =>
		step.cost_cores + 0.25 * (names.indexOf(labelOf(step)) - (names.length - 1) / 2) + 0.1 * ((i % 11) / 10 - 0.5);
	const line = (y: readonly number[], name: string, dash: string): Trace => ({
		type: "scatter",
		mode: "lines",
		name,
		x: [0, most],
		y,
		line: { color: "#1c1c1c", width: 1.5, dash },
	});
	const fit = [0, most].map((cores) => serving_w.value + w_per_busy_core.value * cores);
	const r2 = (share: number | undefined) => (share === undefined ? "" : ` (R² ${share.toFixed(2)})`);
	return {
		data: [
			...panel(({ busy_cores }) => Number(busy_cores.toPrecision(4)), false),
			...panel(beside, true),
			line(fit, `${w_per_busy_core.value.toFixed(1)} W per busy core`, "solid"),
			...(floor_w === undefined ? [] : [line([floor_w.value, floor_w.value], "node at rest", "dot")]),
		],
		layout: houseLayout(
			{
				title: "A pipeline in deployment: power by busy and by allocated cores",
				caption: `Each point is 10 s of a run under one of the paper's four loads. Left: cores that the load keeps busy (requests served x core-seconds of a request). Right: cores allocated, IPA's cost; runs of the same cores side by side.`,
				kind: "measured",
				source,
			},
			{
				xaxis: axis(`busy cores${r2(explained.busy_cores)}`, { domain: [0, 0.48], rangemode: "tozero" }),
				xaxis2: axis(`allocated cores${r2(explained.allocated_cores)}`, {
					domain: [0.56, 1],
					anchor: "y2",
					rangemode: "tozero",
				}),
				yaxis: axis("package power (W)"),
				yaxis2: axis("", { anchor: "x2", matches: "y" }),
				legend: { orientation: "h", y: -0.22 },
			},
		),
	};
}
