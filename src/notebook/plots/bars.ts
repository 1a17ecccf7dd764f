import type { Figure, Trace } from "../figure.js";
import { groupColours } from "./groupColours.js";
import { axis, type Caption, houseLayout } from "./house.js";

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
