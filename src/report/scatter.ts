import { axis, type Caption, type Figure, groupColours, houseLayout, logAxis, markers, type Trace } from "./house.js";

/** A point of a scatter: its colour and its marker each tell a group. */
export interface ScatterPoint {
	readonly x: number;
	readonly y: number;
	readonly colour: string;
	readonly marker: string;
	readonly hover?: string;
}

/** What a scatter by groups shows. */
export interface ScatterByGroup extends Caption {
	/** Axis titles with units. */
	readonly x: string;
	readonly y: string;
	/** What colours and markers stand for: "variant", "batch". */
	readonly colourTitle: string;
	readonly markerTitle: string;
	readonly points: readonly ScatterPoint[];
	/** Axes with a logarithmic scale; none by default. */
	readonly log?: "x" | "y" | "both";
}

/** Points with one group told by colour (variants) and another by marker (batches). */
export function scatterByGroup(spec: ScatterByGroup): Figure {
	const colours = groupColours(spec.points.map(({ colour }) => colour));
	const markerNames = [...new Set(spec.points.map(({ marker }) => marker))];
	const symbolOf = new Map(markerNames.map((name, index) => [name, markers[index % markers.length] ?? "circle"]));
	const byColour = [...colours].map(([name, colour], index): Trace => {
		const points = spec.points.filter((point) => point.colour === name);
		return {
			type: "scatter",
			mode: "markers",
			name,
			legendgroup: "colour",
			...(index === 0 ? { legendgrouptitle: { text: spec.colourTitle } } : {}),
			x: points.map(({ x }) => x),
			y: points.map(({ y }) => y),
			text: points.map(({ hover, marker }) => hover ?? `${spec.markerTitle} ${marker}`),
			marker: {
				color: colour,
				size: 9,
				opacity: 0.8,
				symbol: points.map(({ marker }) => symbolOf.get(marker)),
				line: { color: "#ffffff", width: 0.6 },
			},
		};
	});
	// A trace without points is how plotly.js puts the markers alone in the legend.
	const legend = markerNames.map(
		(name, index): Trace => ({
			type: "scatter",
			mode: "markers",
			name,
			legendgroup: "marker",
			...(index === 0 ? { legendgrouptitle: { text: spec.markerTitle } } : {}),
			x: [null],
			y: [null],
			hoverinfo: "skip",
			marker: { color: "#777777", size: 9, symbol: symbolOf.get(name) },
		}),
	);
	const side = (name: "x" | "y") =>
		spec.log === name || spec.log === "both"
			? logAxis(
					spec[name],
					spec.points.map((point) => point[name]),
				)
			: axis(spec[name]);
	return {
		data: markerNames.length > 1 ? [...byColour, ...legend] : byColour,
		layout: houseLayout(spec, {
			// The legend scrolls in a page and is cut off in a static image, so the figure grows with it.
			height: Math.max(520, 200 + 22 * (colours.size + markerNames.length)),
			xaxis: side("x"),
			yaxis: side("y"),
			legend: { groupclick: "toggleitem", tracegroupgap: 14 },
		}),
	};
}
