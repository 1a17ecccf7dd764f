import type { Kind } from "../units.js";

/** A plain Plotly figure: what plotly.js draws, JSON all through. */
export interface Figure {
	readonly data: readonly Trace[];
	readonly layout: Readonly<Record<string, unknown>>;
}

/** One Plotly trace, by the attribute names of plotly.js' reference. */
export type Trace = Readonly<Record<string, unknown>>;

/** The MIME type by which JupyterLab and VS Code know a Plotly figure. */
export const plotlyMime = "application/vnd.plotly.v1+json";

/** The figure as JSON, without the pictures that it would fetch: those that are part of it stay. */
export function figureJson(figure: object): string {
	return JSON.stringify(figure, (key, value: unknown) =>
		key === "source" && typeof value === "string" && !value.startsWith("data:") ? undefined : value,
	);
}

/** Okabe and Ito's palette, told apart by the colour-blind; black and the pale yellow come last. */
export const palette = [
	"#0072b2",
	"#e69f00",
	"#009e73",
	"#d55e00",
	"#56b4e9",
	"#cc79a7",
	"#000000",
	"#f0e442",
] as const;

/** Markers that stay apart in grey print. */
export const markers = ["circle", "square", "diamond", "cross", "triangle-up", "x", "star", "hexagon"] as const;

/** What every figure says of itself. */
export interface Caption {
	readonly title: string;
	/** What is shown and what to see, in a sentence or two. */
	readonly caption: string;
	/** Kind of the numbers shown. */
	readonly kind: Kind;
	/** Where the numbers come from. */
	readonly source: string;
}

/** Characters that fit on a line of the caption at the width of a static image. */
const LINE = 125;

/** The layout that all figures share: fonts, margins, white ground, and a caption that names kind and source. */
export function houseLayout({ title, caption, kind, source }: Caption, more: Readonly<Record<string, unknown>> = {}) {
	const lines = wrap(`${caption} (${kind}; ${source})`, LINE);
	return {
		title: {
			text: `<b>${title}</b>`,
			subtitle: { text: lines.join("<br>"), font: { size: 13, color: "#555555" } },
			x: 0.01,
			xanchor: "left",
			y: 1,
			yanchor: "top",
			yref: "container",
			pad: { t: 14 },
			font: { size: 18 },
		},
		font: { family: "Helvetica Neue, Arial, DejaVu Sans, sans-serif", size: 14, color: "#1c1c1c" },
		paper_bgcolor: "#ffffff",
		plot_bgcolor: "#ffffff",
		colorway: palette,
		margin: { t: 62 + 18 * lines.length, l: 80, r: 30, b: 70 },
		height: 520,
		hoverlabel: { align: "left" },
		...more,
	};
}

/** An axis with its title (unit included), light grid and visible line. */
export function axis(title: string, more: Readonly<Record<string, unknown>> = {}) {
	return {
		title: { text: title, standoff: 12 },
		gridcolor: "#e8e8e8",
		linecolor: "#888888",
		zeroline: false,
		automargin: true,
		ticks: "outside",
		...more,
	};
}

function wrap(text: string, width: number): readonly string[] {
	const lines: string[] = [""];
	for (const word of text.split(" ")) {
		const line = lines.at(-1) ?? "";
		if (line.length + word.length + 1 > width) lines.push(word);
		else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
	}
	return lines;
}

/** A colour for each name, in order of first appearance: the house palette, and past its eight an even cividis ramp. */
export function groupColours(names: readonly string[]): ReadonlyMap<string, string> {
	const unique = [...new Set(names)];
	const few = unique.length <= palette.length;
	return new Map(
		unique.map((name, index) => [name, few ? (palette[index] ?? "#000000") : ramp(index / (unique.length - 1))]),
	);
}

// Anchors of cividis (Nunez, Anderton and Renslow 2018), which reads the same with and without colour vision.

// Anchors of cividis (Nunez, Anderton and Renslow 2018), which reads the same with and without colour vision.
const anchors = [
	[0, 34, 78],
	[65, 77, 107],
	[124, 123, 120],
	[188, 175, 111],
	[254, 232, 56],
] as const;

function ramp(share: number): string {
	const place = share * (anchors.length - 1);
	const low = Math.min(Math.floor(place), anchors.length - 2);
	const channel = (index: 0 | 1 | 2) => {
		const from = anchors[low]?.[index] ?? 0;
		const to = anchors[low + 1]?.[index] ?? 0;
		return Math.round(from + (to - from) * (place - low));
	};
	return `rgb(${channel(0)},${channel(1)},${channel(2)})`;
}

const FEW = 5;

/** A logarithmic axis with its title, over the values shown. */
export function logAxis(title: string, values: readonly number[]) {
	return axis(title, { ...logTicks(values), minor: { showgrid: false } });
}

/**
 * Logarithmic scale with ticks at 1, 2 and 5 of each decade: plotly.js' own labels every digit within a decade, small
 * and without its power. Only 1s past three decades.
 */
export function logTicks(values: readonly number[]) {
	const positive = values.filter((value) => value > 0);
	if (positive.length === 0) return { type: "log" };
	// A knob's few settings are their own ticks.
	const settings = [...new Set(positive)].sort((a, b) => a - b);
	if (settings.length <= FEW) return { type: "log", tickvals: settings, ticktext: settings.map(String) };
	const low = Math.floor(Math.log10(Math.min(...positive)));
	const high = Math.ceil(Math.log10(Math.max(...positive)));
	const steps = high - low > 3 ? [1] : [1, 2, 5];
	const decades = Array.from({ length: high - low + 2 }, (_, index) => low + index);
	const tickvals = decades.flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)));
	return { type: "log", tickvals, ticktext: tickvals.map(String) };
}
