import type { Step } from "../deployment/busyCores.js";
import type { Deployment } from "../deployment/deployment.js";
import { groupBy } from "../group.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import { decimals, drawn } from "./format.js";
import { axis, type Figure, groupColours, houseLayout, type Trace } from "./house.js";

/**
 * Power of every step of a deployment against the cores that its load kept busy (left) and against the cores that were
 * allocated, IPA's cost (right), configurations by colour. Or why no line could be fitted.
 *
 * @example
 * figures.deployment(evaluation.deployment([])); // → { status: "unavailable", reason: "no run says what was deployed" }
 */
export function deploymentFigure(
	{ busy_cores: busy, explained, floor_w }: Deployment,
	source = "RAPL of the whole node, by perf stat; busy cores modelled from IPA's profile",
): Perhaps<Figure> {
	if (busy.status !== "fitted") return unavailable(busy.reason);
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
				y: own.map(({ power_w }) => drawn(power_w)),
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
	const r2 = (share: number | undefined) => (share === undefined ? "" : ` (R² ${decimals(2)(share)})`);
	return available({
		data: [
			...panel(({ busy_cores }) => drawn(busy_cores, 4), false),
			...panel(beside, true),
			line(fit, `${decimals(1)(w_per_busy_core.value)} W per busy core`, "solid"),
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
	});
}
