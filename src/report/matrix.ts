import { axis, type Caption, type Figure, houseLayout } from "./house.js";

/** What a cell of the matrix says. */
export interface MatrixCell {
	/** One of the matrix' classes, or undefined for an empty cell. */
	readonly class: string | undefined;
	readonly text: string;
	readonly hover?: string;
}

/** What a matrix of classes shows. */
export interface Matrix extends Caption {
	readonly columns: readonly string[];
	readonly rows: readonly string[];
	/** cells[row][column]. */
	readonly cells: readonly (readonly MatrixCell[])[];
	/** Each class with its colour, in the order of the legend. */
	readonly classes: readonly { readonly name: string; readonly colour: string }[];
	/** Height of a row in pixels: 30, or more where texts have two lines. */
	readonly rowHeight?: number;
}

/** A matrix of classes, each cell coloured by its class and labelled with its text; the legend lies below it. */
export function matrix(spec: Matrix): Figure {
	const names = spec.classes.map(({ name }) => name);
	const count = names.length;
	const layout = houseLayout(spec, {
		height: 250 + (spec.rowHeight ?? 30) * spec.rows.length,
		xaxis: axis("", {
			side: "top",
			showgrid: false,
			ticks: "",
			tickangle: 0,
			range: [-0.5, spec.columns.length - 0.5],
			tickvals: spec.columns.map((_, i) => i),
			ticktext: spec.columns,
		}),
		yaxis: axis("", {
			tickvals: spec.rows.map((_, index) => index),
			ticktext: spec.rows,
			range: [spec.rows.length - 0.5, -0.5],
			showgrid: false,
			ticks: "",
		}),
		legend: { orientation: "h", x: 0, y: 0, yanchor: "top", yref: "paper" },
	});
	return {
		data: [
			{
				type: "heatmap",
				x: spec.columns.map((_, index) => index),
				y: spec.rows.map((_, index) => index),
				z: spec.cells.map((row) => row.map((cell) => (cell.class === undefined ? null : names.indexOf(cell.class)))),
				text: spec.cells.map((row) => row.map(({ text }) => text)),
				customdata: spec.cells.map((row) => row.map(({ hover, text }) => hover ?? text)),
				texttemplate: "%{text}",
				textfont: { size: 12, color: "#000000" },
				hovertemplate: "%{customdata}<extra></extra>",
				hoverongaps: false,
				zmin: -0.5,
				zmax: count - 0.5,
				// Steps, not a ramp: classes have no order between them.
				colorscale: spec.classes.flatMap(({ colour }, index) => [
					[index / count, colour],
					[(index + 1) / count, colour],
				]),
				showscale: false,
				xgap: 2,
				ygap: 2,
			},
			// The legend's entries: a heat map of classes has none of its own.
			...spec.classes.map(({ name, colour }) => ({
				type: "scatter",
				mode: "markers",
				name,
				x: [null],
				y: [null],
				marker: { color: colour, symbol: "square", size: 14 },
			})),
		],
		// Room for the column titles between the caption and the cells.
		layout: { ...layout, margin: { ...layout.margin, t: layout.margin.t + 40, b: 60 } },
	};
}

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
