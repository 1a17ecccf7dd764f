import { axis, type Caption, type Figure, groupColours, houseLayout, logAxis, markers, type Trace } from "./house.js";

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
