import type { Figure, Trace } from "../figure.js";
import { groupColours } from "./groupColours.js";
import { type Caption, houseLayout } from "./house.js";
import { logTicks } from "./logAxis.js";

/** A point in three dimensions. */
export interface SpacePoint {
	readonly x: number;
	readonly y: number;
	readonly z: number;
	readonly group: string;
	readonly hover?: string;
}

/** What a scatter in three dimensions shows. */
export interface Scatter3d extends Caption {
	readonly x: string;
	readonly y: string;
	readonly z: string;
	readonly points: readonly SpacePoint[];
	/** Logarithmic axes, of x, y and z. */
	readonly log?: readonly ("x" | "y" | "z")[];
}

// plotly.js draws fewer markers in three dimensions than in two.
const symbols = ["circle", "square", "diamond", "cross", "x"] as const;

/** Points in three dimensions, groups told by colour and marker: accuracy, cost and energy. */
export function scatter3d(spec: Scatter3d): Figure {
	const data = [...groupColours(spec.points.map(({ group }) => group))].map(([name, color], index): Trace => {
		const points = spec.points.filter(({ group }) => group === name);
		return {
			type: "scatter3d",
			mode: "markers",
			name,
			x: points.map(({ x }) => x),
			y: points.map(({ y }) => y),
			z: points.map(({ z }) => z),
			text: points.map(({ hover, group }) => hover ?? group),
			marker: { color, size: 4.5, symbol: symbols[index % symbols.length], line: { color: "#ffffff", width: 0.5 } },
		};
	});
	const side = (name: "x" | "y" | "z") => ({
		title: { text: spec[name], font: { size: 13 } },
		gridcolor: "#dddddd",
		tickfont: { size: 11 },
		...(spec.log?.includes(name) ? logTicks(spec.points.map((point) => point[name])) : {}),
	});
	const layout = houseLayout(spec, {
		height: 680,
		legend: { x: 0.99, xanchor: "right", y: 0.99, itemsizing: "constant" },
		scene: {
			xaxis: side("x"),
			yaxis: side("y"),
			zaxis: side("z"),
			camera: { eye: { x: 1.75, y: -1.75, z: 0.8 }, center: { x: 0, y: 0, z: -0.12 } },
			aspectmode: "cube",
		},
	});
	return { data, layout: { ...layout, margin: { ...layout.margin, l: 0, r: 0, b: 0 } } };
}
