import type { ReplayRow } from "../../datasets/replays.js";
import { methodNames } from "./replayFigure.js";

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
