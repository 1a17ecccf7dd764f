import type { ReplayRow } from "../datasets/dataFiles.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import type { Figure } from "./house.js";
import { type EvenLine, type LineStyle, panels } from "./panels.js";

/** What each method is called in a figure or table. */
const methodNames: ReadonlyMap<string, string> = new Map([
	["knowledge-gradient", "ours"],
	["expected-improvement", "expected improvement"],
	["space-filling", "space-filling"],
	["random", "random order"],
]);

const styles: ReadonlyMap<string, LineStyle> = new Map([
	["ours", { color: "#0072B2", width: 2.6 }],
	["expected improvement", { color: "#D55E00", dash: "dash" }],
	["space-filling", { color: "#009E73", dash: "dashdot" }],
	["random order", { color: "#777777", dash: "dot" }],
]);

type Point = NonNullable<ReplayRow["results"][number]["curve"]>[number];

/**
 * Choices in error, regret and error of power against the cells measured: a column a population (three at most), a line a
 * method.
 *
 * @example
 * const rows = await datasets.readReplays("edgetune");
 * figures.replays(rows).value.data.length === rows.length * 4 * 4; // → true
 * figures.replays([]).status; // → "unavailable"
 */
export function replayFigure(given: readonly ReplayRow[], names: readonly string[] = []): Perhaps<Figure> {
	const rows = given.filter(({ results }) => results.some(({ curve }) => curve !== undefined)).slice(0, 3);
	if (given.length === 0) return unavailable("this is a plan's calibration, and no replay of one on measured cells");
	if (rows.length === 0) return unavailable("the replays were kept without their curves");
	const lines = (row: ReplayRow, value: (point: Point) => number | null): EvenLine[] =>
		row.results.map(({ method, curve = [] }) => ({
			name: methodNames.get(method) ?? method,
			x0: 1,
			dx: 1,
			y: curve.map((point) => 100 * (value(point) ?? 0)),
		}));
	const panelRow = (y: string, value: (point: Point) => number | null) => ({
		y,
		panels: rows.map((row) => lines(row, value)),
	});
	return available(
		panels({
			title: "What few cells tell",
			caption: `Means over ${[...new Set(rows.map(({ seeds }) => seeds))].join(" and ")} seeds, held against every cell's measured energy; the full factorial (all cells) is at 0 throughout. The first cells of a population decide most of it where time alone nearly decides.`,
			kind: "measured",
			source: [...new Set(rows.map(({ dataset }) => dataset))].join(", "),
			x: "cells measured",
			columns: rows.map(({ cells, population }, i) => `${names[i] ?? population} (${cells} cells)`),
			rows: [
				panelRow("choices in error<br>by over 1 % (%)", ({ share_over_1pct }) => share_over_1pct),
				panelRow("regret (%)", ({ mean_regret }) => mean_regret),
				panelRow("error of log<br>power x 100", ({ error }) => error),
				panelRow("chance of another<br>choice (%)", ({ doubt }) => doubt),
			],
			styles,
		}),
	);
}
