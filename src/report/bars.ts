import { axis, type Caption, type Figure, groupColours, houseLayout, markers, type Trace } from "./house.js";

/** One bar. */
export interface Bar {
	readonly label: string;
	readonly group: string;
	readonly value: number;
	readonly interval?: { readonly low: number; readonly high: number };
}

/** What a bar chart shows. */
export interface Bars extends Caption {
	/** Title of the values' axis, with unit. */
	readonly y: string;
	readonly bars: readonly Bar[];
}

/** Bars side by side, groups told by colour, with intervals where there are any. */
export function bars(spec: Bars): Figure {
	const colours = groupColours(spec.bars.map(({ group }) => group));
	const data = [...colours].map(([name, color]): Trace => {
		const own = spec.bars.filter(({ group }) => group === name);
		return {
			type: "bar",
			name,
			x: own.map(({ label }) => label),
			y: own.map(({ value }) => value),
			marker: { color },
			error_y: {
				type: "data",
				symmetric: false,
				visible: own.some(({ interval }) => interval !== undefined),
				array: own.map(({ value, interval }) => (interval ? interval.high - value : 0)),
				arrayminus: own.map(({ value, interval }) => (interval ? value - interval.low : 0)),
			},
		};
	});
	return {
		data,
		layout: houseLayout(spec, {
			barmode: "group",
			xaxis: axis("", { type: "category" }),
			yaxis: axis(spec.y, { zeroline: true }),
		}),
	};
}

/** An estimate with its interval. */
export interface ForestRow {
	readonly label: string;
	readonly group: string;
	readonly estimate: number;
	/** Ends of the interval; absent where there is none, and the estimate is drawn hollow. */
	readonly interval?: { readonly low: number; readonly high: number };
}

/** What a forest plot shows. */
export interface Forest extends Caption {
	/** Title of the estimates' axis, with unit. */
	readonly x: string;
	readonly rows: readonly ForestRow[];
	/** Values marked by dotted lines: a threshold and its mirror. */
	readonly marks?: readonly number[];
	readonly range?: readonly [number, number];
}

/** Estimates with intervals, one under the other, groups told by colour and marker. */
export function forest(spec: Forest): Figure {
	const labels = [...new Set(spec.rows.map(({ label }) => label))];
	const colours = groupColours(spec.rows.map(({ group }) => group));
	const groups = [...colours.keys()];
	// Groups stand side by side within a label's band, so that no interval hides another.
	const place = ({ label, group }: ForestRow) =>
		labels.indexOf(label) + (groups.indexOf(group) - (groups.length - 1) / 2) * (0.7 / Math.max(groups.length, 1));
	const data = groups.map((group, index): Trace => {
		const rows = spec.rows.filter((row) => row.group === group);
		const marker = markers[index % markers.length] ?? "circle";
		return {
			type: "scatter",
			mode: "markers",
			name: group,
			x: rows.map(({ estimate }) => estimate),
			y: rows.map(place),
			text: rows.map(hover),
			hovertemplate: "%{text}<extra></extra>",
			marker: {
				color: colours.get(group),
				size: 9,
				symbol: rows.map((row) => (row.interval ? marker : `${marker}-open`)),
			},
			error_x: {
				type: "data",
				symmetric: false,
				array: rows.map(({ estimate, interval }) => (interval ? interval.high - estimate : 0)),
				arrayminus: rows.map(({ estimate, interval }) => (interval ? estimate - interval.low : 0)),
				color: colours.get(group),
				thickness: 1.6,
				width: 4,
			},
		};
	});
	return {
		data,
		layout: houseLayout(spec, {
			height: 220 + labels.length * Math.max(26, 13 * groups.length),
			xaxis: axis(spec.x, { zeroline: true, zerolinecolor: "#999999", ...(spec.range ? { range: spec.range } : {}) }),
			yaxis: axis("", {
				tickvals: labels.map((_, index) => index),
				ticktext: labels,
				range: [labels.length - 0.5, -0.5],
				ticks: "",
			}),
			shapes: (spec.marks ?? []).map((x) => ({
				type: "line",
				x0: x,
				x1: x,
				y0: 0,
				y1: 1,
				yref: "paper",
				line: { dash: "dot", color: "#666666", width: 1.2 },
			})),
		}),
	};
}

function hover({ label, group, estimate, interval }: ForestRow): string {
	const ends = interval ? ` (${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})` : " (no interval)";
	return `${label}, ${group}: ${estimate.toFixed(2)}${ends}`;
}
