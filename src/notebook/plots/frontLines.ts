import type { Figure, Trace } from "../figure.js";
import { axis, type Caption, houseLayout, palette } from "./house.js";
import { logAxis } from "./logAxis.js";

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
