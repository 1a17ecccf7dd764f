import { axis, type Caption, type Figure, houseLayout, type Trace } from "./house.js";

/** How a name is drawn, the same in every panel. */
export interface LineStyle {
	readonly color: string;
	readonly dash?: "solid" | "dash" | "dot" | "dashdot";
	readonly width?: number;
}

/** A line of evenly spaced points, which keeps a notebook of many panels small. */
export interface EvenLine {
	readonly name: string;
	/** x of the first point, and from each to the next. */
	readonly x0: number;
	readonly dx: number;
	readonly y: readonly number[];
}

/** A grid of line charts. */
export interface Panels extends Caption {
	readonly x: string;
	/** Titles of the columns. */
	readonly columns: readonly string[];
	/** One a row: the title of its y axis, and the lines of each column. Every panel has its own scale, from 0. */
	readonly rows: readonly { readonly y: string; readonly panels: readonly (readonly EvenLine[])[] }[];
	readonly styles: ReadonlyMap<string, LineStyle>;
}

const ROW_PX = 104;
const GAP_PX = 22;
/** Share of the width between two columns: room for the ticks of the right one. */
const GAP = 0.04;

/** Small multiples: the same lines under several loads, one metric a row. A name stands in the legend once. */
export function panels(spec: Panels): Figure {
	const { columns, rows, styles } = spec;
	const plot_px = rows.length * ROW_PX + (rows.length - 1) * GAP_PX;
	const axes: Record<string, unknown> = {};
	const data: Trace[] = [];
	const named = new Set<string>();
	for (const [r, { y, panels: own }] of rows.entries())
		for (const [c, lines] of own.entries()) {
			const number = r * columns.length + c + 1;
			const suffix = number === 1 ? "" : String(number);
			const top = 1 - (r * (ROW_PX + GAP_PX)) / plot_px;
			const [from, to] = span(c, columns.length);
			axes[`xaxis${suffix}`] = axis(r === rows.length - 1 ? spec.x : "", {
				domain: [from, to],
				anchor: `y${suffix}`,
				showticklabels: r === rows.length - 1,
				tickfont: { size: 11 },
				automargin: false,
			});
			axes[`yaxis${suffix}`] = axis("", {
				domain: [Math.max(0, top - ROW_PX / plot_px), top],
				anchor: `x${suffix}`,
				rangemode: "tozero",
				nticks: 4,
				tickfont: { size: 11 },
				automargin: c === 0,
				...(c === 0 ? { title: { text: y, font: { size: 12 }, standoff: 8 } } : {}),
			});
			for (const { name, x0, dx, y: values } of lines) {
				const style = styles.get(name);
				data.push({
					type: "scatter",
					mode: "lines",
					name,
					legendgroup: name,
					showlegend: !named.has(name),
					x0,
					dx,
					y: values,
					xaxis: `x${suffix}`,
					yaxis: `y${suffix}`,
					line: { color: style?.color ?? "#000000", dash: style?.dash ?? "solid", width: style?.width ?? 1.8 },
				});
				named.add(name);
			}
		}
	const layout = houseLayout(spec);
	const top_px = layout.margin.t + 46;
	return {
		data,
		layout: {
			...layout,
			...axes,
			annotations: columns.map((text, c) => ({
				text: `<b>${text}</b>`,
				x: span(c, columns.length).reduce((sum, edge) => sum + edge / 2, 0),
				y: 1,
				xref: "paper",
				yref: "paper",
				yanchor: "bottom",
				showarrow: false,
			})),
			legend: { orientation: "h", x: 0, y: 1 + 22 / plot_px, yanchor: "bottom" },
			margin: { ...layout.margin, t: top_px },
			height: top_px + plot_px + layout.margin.b,
		},
	};
}

/** Where a column begins and ends, as shares of the width. */
function span(column: number, columns: number): readonly [number, number] {
	const width = (1 - GAP * (columns - 1)) / columns;
	return [column * (width + GAP), column * (width + GAP) + width];
}
