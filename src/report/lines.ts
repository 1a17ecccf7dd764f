import {
	axis,
	type Caption,
	type Figure,
	groupColours,
	houseLayout,
	logAxis,
	markers,
	palette,
	type Trace,
} from "./house.js";

/** A line of a chart, its points in order. */
export interface Line {
	readonly name: string;
	readonly x: readonly number[];
	readonly y: readonly number[];
	/** Lines of one colour group share a colour; the line's own name by default. */
	readonly colour?: string;
	/** Dash of the line: a second grouping. */
	readonly dash?: "solid" | "dash" | "dot";
}

/** What a line chart shows. */
export interface Lines extends Caption {
	readonly x: string;
	readonly y: string;
	readonly lines: readonly Line[];
	readonly log?: "x" | "y" | "both";
	/** Markers on every point: for few points only. */
	readonly points?: boolean;
}

/** Lines: regret curves, traces through time. */
export function lines(spec: Lines): Figure {
	const colours = groupColours(spec.lines.map(({ colour, name }) => colour ?? name));
	const keys = [...colours.keys()];
	const data = spec.lines.map(({ name, x, y, colour = name, dash = "solid" }): Trace => {
		const symbol = markers[keys.indexOf(colour) % markers.length];
		return {
			type: "scatter",
			mode: spec.points ? "lines+markers" : "lines",
			name,
			x,
			y,
			line: { color: colours.get(colour), dash, width: 2.2 },
			marker: { symbol, size: 8 },
		};
	});
	const side = (name: "x" | "y") =>
		spec.log === name || spec.log === "both"
			? logAxis(
					spec[name],
					spec.lines.flatMap((line) => line[name]),
				)
			: axis(spec[name], { rangemode: "tozero" });
	return {
		data,
		layout: houseLayout(spec, {
			xaxis: side("x"),
			yaxis: side("y"),
		}),
	};
}

/** A configuration, and on which Pareto front it stands. */
export interface FrontPoint {
	readonly x: number;
	readonly y: number;
	/** `both`: on the front without energy and on that with it; `entered`: only energy brings it in. */
	readonly front: "both" | "entered" | "none";
	readonly hover?: string;
}

/** What a plot of two fronts shows. */
export interface FrontLines extends Caption {
	readonly x: string;
	readonly y: string;
	readonly points: readonly FrontPoint[];
	readonly log?: "x" | "y" | "both";
}

const looks = [
	{ front: "none", name: "on no front", color: "#bbbbbb", symbol: "circle-open" },
	{ front: "both", name: "front without energy", color: palette[0], symbol: "circle" },
	{ front: "entered", name: "enters with energy", color: palette[3], symbol: "diamond" },
] as const;

/** Configurations by the Pareto front on which they stand: without energy among the axes, and with it. */
export function frontLines(spec: FrontLines): Figure {
	const data = looks.map(({ front, name, color, symbol }): Trace => {
		const points = spec.points.filter((point) => point.front === front);
		return {
			type: "scatter",
			mode: "markers",
			name: `${name} (${points.length})`,
			x: points.map(({ x }) => x),
			y: points.map(({ y }) => y),
			text: points.map(({ hover }) => hover ?? ""),
			marker: { color, symbol, size: front === "none" ? 7 : 10, line: { color, width: 1 } },
		};
	});
	const side = (name: "x" | "y") =>
		spec.log === name || spec.log === "both"
			? logAxis(
					spec[name],
					spec.points.map((point) => point[name]),
				)
			: axis(spec[name]);
	return {
		data,
		layout: houseLayout(spec, { xaxis: side("x"), yaxis: side("y") }),
	};
}
