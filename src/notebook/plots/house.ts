import type { Kind } from "../../units.js";

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
