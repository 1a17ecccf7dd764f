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
