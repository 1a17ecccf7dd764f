import type { Figure } from "../figure.js";
import { axis, type Caption, houseLayout } from "./house.js";

/** A grid of correlations; a missing one stays white with its reason as text. */
export interface Heatmap extends Caption {
	readonly columns: readonly string[];
	readonly rows: readonly string[];
	/** values[row][column], -1..1; null where undefined. */
	readonly values: readonly (readonly (number | null)[])[];
	/** Shown in a cell without a value. */
	readonly missing?: string;
}

// Blue to red through white, told apart by the colour-blind (ColorBrewer's RdBu, reversed).
const scale = [
	[0, "#2166ac"],
	[0.25, "#92c5de"],
	[0.5, "#f7f7f7"],
	[0.75, "#f4a582"],
	[1, "#b2182b"],
];

/** Correlations as a heat map from -1 (blue) to 1 (red), each with its number. */
export function heatmap(spec: Heatmap): Figure {
	const text = spec.values.map((row) => row.map((value) => (value === null ? (spec.missing ?? "") : signed(value))));
	return {
		data: [
			{
				type: "heatmap",
				x: spec.columns,
				y: spec.rows,
				z: spec.values,
				text,
				texttemplate: "%{text}",
				textfont: { size: 12 },
				hovertemplate: "%{y}<br>%{x}: %{text}<extra></extra>",
				zmin: -1,
				zmax: 1,
				colorscale: scale,
				xgap: 2,
				ygap: 2,
				colorbar: { title: { text: "Spearman" }, thickness: 14, outlinewidth: 0 },
			},
		],
		layout: houseLayout(spec, {
			height: 200 + 30 * spec.rows.length,
			xaxis: axis("", { tickangle: 0, showgrid: false }),
			yaxis: axis("", { autorange: "reversed", showgrid: false, ticks: "" }),
		}),
	};
}

function signed(value: number): string {
	return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}
