import type { ReplayRow } from "../datasets/dataFiles.js";
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

/** Choices in error, regret and error of power against the cells measured: a column a population, a line a method. */
export function replayFigure(rows: readonly ReplayRow[], names: readonly string[]): Figure {
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
	return panels({
		title: "What few cells tell",
		caption: `Means over ${[...new Set(rows.map(({ seeds }) => seeds))].join(" and ")} seeds, held against every cell's measured energy; the full factorial (all cells) is at 0 throughout. The first cells of a population decide most of it where time alone nearly decides.`,
		kind: "measured",
		source: [...new Set(rows.map(({ dataset }) => dataset))].join(", "),
		x: "cells measured",
		columns: rows.map(({ cells }, i) => `${names[i] ?? ""} (${cells} cells)`),
		rows: [
			panelRow("choices in error<br>by over 1 % (%)", ({ share_over_1pct }) => share_over_1pct),
			panelRow("regret (%)", ({ mean_regret }) => mean_regret),
			panelRow("error of log<br>power x 100", ({ error }) => error),
			panelRow("chance of another<br>choice (%)", ({ doubt }) => doubt),
		],
		styles,
	});
}

type Needed = ReplayRow["results"][number]["cells_needed_95"];

/** Cells needed, a row a population: median over the seeds, and the 90th percentile in brackets; > is not reached. */
export function neededRows(rows: readonly ReplayRow[]): Record<string, string | number>[] {
	return rows.map(({ population, cells, seeds, results }) => ({
		population,
		cells,
		seeds,
		...Object.fromEntries(
			results.map(({ method, cells_needed_95 }) => [`${methodNames.get(method)}: 95 %`, text(cells_needed_95)]),
		),
		"ours: every one": text(results.find(({ method }) => method === "knowledge-gradient")?.cells_needed_all),
	}));
}

/** Where ours stops, and what its choices are worth there, a row a population. */
export function stopRows(rows: readonly ReplayRow[]): Record<string, string | number>[] {
	return rows.flatMap(({ population, cells, results }) =>
		results
			.filter(({ method }) => method === "knowledge-gradient")
			.map(({ stop: { k, stopped, seeds, share_over_1pct, undecided } }) => ({
				population,
				cells,
				"stops after": text(k),
				"seeds that stopped": `${stopped} of ${seeds}`,
				"choices in error at the stop (%)": share_over_1pct === null ? "-" : tenths(100 * share_over_1pct),
				"at stake where undecided (% of the energy)": undecided === null ? "-" : tenths(100 * undecided.mean_regret),
			})),
	);
}

/** Coverage and width of ours' 90 % intervals where they were looked at from 8 cells on, a row a population. */
export function intervalRows(rows: readonly ReplayRow[]): Record<string, string | number>[] {
	return rows.flatMap(({ population, purpose, results }) =>
		results
			.filter(({ method }) => method === "knowledge-gradient")
			.map(({ points, curve = points }) => {
				const late = curve.filter(({ k }) => k >= 8);
				const least = (values: readonly (number | null)[]) =>
					tenths(100 * Math.min(...values.map((value) => value ?? 1)));
				const at = (cells: number) => curve.find(({ k }) => k === cells)?.half_width;
				const width = (half: number | null | undefined) => (half == null ? "-" : tenths(100 * Math.expm1(half)));
				return {
					population,
					for: purpose,
					"least coverage, all cells left (%)": least(late.map(({ coverage }) => coverage)),
					"least coverage, cells that can be chosen (%)": least(
						late.map(({ coverage_contending }) => coverage_contending),
					),
					"half width at 8 cells (%)": width(at(8)),
					"at 20 (%)": width(at(20)),
				};
			}),
	);
}

function text(needed: Needed | undefined): string {
	if (needed === undefined) return "-";
	const one = (value: number | "not-reached") => (value === "not-reached" ? ">" : String(value));
	return `${one(needed.median)} (${one(needed.p90)})`;
}

function tenths(value: number): number {
	return Math.round(10 * value) / 10;
}
