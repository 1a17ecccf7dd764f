import type { Evidence, EvidenceCell } from "../evaluation/evidence.js";
import { groupBy } from "../group.js";
import type { RunSummary } from "../studies/measured.js";
import { weakestKind } from "../units.js";
import { percent } from "./format.js";
import type { Figure } from "./house.js";
import { lines } from "./lines.js";
import { type ScatterPoint, scatterByGroup } from "./scatter.js";

/**
 * Whether the node was quiet, by the control workload, in a sentence.
 *
 * @example
 * const value = { variation_share: 0.004, limit_share: 0.02, quiet: true };
 * words.quiet({ control: { status: "available", value } }).includes("the node was **quiet** (limit 2 %)"); // → true
 */
export function quietSentence({ control }: Pick<RunSummary, "control">): string {
	if (control.status !== "available") return `Whether the node was quiet is unavailable: ${control.reason}.`;
	const { variation_share, limit_share, quiet } = control.value;
	return `The control workload varied by ${percent(variation_share, 1)} (s / mean): the node was **${quiet ? "quiet" : "not quiet"}** (limit ${percent(limit_share, 0)}).`;
}

/**
 * Latency of a batch against its size, a figure for each population of a data set: a line a variant and allocation.
 *
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * figures.latencyLines(edgetune).length; // → 2
 */
export function latencyLines(evidence: Evidence): Figure[] {
	return [...groupBy(evidence.cells, ({ population }) => population)].map(([population, cells]) =>
		figureOf(evidence, population, cells),
	);
}

function figureOf({ provenance }: Evidence, population: string, cells: readonly EvidenceCell[]): Figure {
	const timed = cells.flatMap((cell) => (cell.latency_s === undefined ? [] : [{ ...cell, latency_s: cell.latency_s }]));
	const dashes = ["solid", "dash", "dot"] as const;
	const allocations = [...new Set(timed.map(({ allocation }) => allocation))].sort((a, b) => a - b);
	return lines({
		title: "Latency over the batch",
		caption: `${population}. A line goes up more slowly than its batch where a larger batch serves more requests a second.`,
		kind: weakestKind(timed.map(({ kind }) => kind)),
		source: provenance.dataset,
		x: "batch (requests)",
		y: "latency of a batch (s)",
		log: "both",
		points: true,
		lines: [...groupBy(timed, ({ variant, allocation }) => JSON.stringify([variant, allocation])).values()].map(
			(own) => {
				const { variant, allocation } = own[0] as (typeof own)[number];
				const sorted = [...own].sort((a, b) => a.batch - b.batch);
				return {
					name: `${variant}, ${allocation} ${allocation === 1 ? "core" : "cores"}`,
					colour: variant,
					dash: dashes[allocations.indexOf(allocation) % dashes.length] ?? "solid",
					x: sorted.map(({ batch }) => batch),
					y: sorted.map(({ latency_s }) => latency_s),
				};
			},
		),
	});
}

/** The half-width of each cell's interval as its repetitions grow, if it goes on varying as it did. */
function longerRun({ spreads }: Pick<RunSummary, "spreads">, source: string): Figure {
	return lines({
		title: "What more repetitions buy",
		caption:
			"Half-width of Student's interval of the mean (level 0.95), from each cell's standard deviation in this run. Four times the repetitions halve it, beyond the first few.",
		kind: "modelled",
		source,
		x: "repetitions of the cell",
		y: "half-width of the interval (% of the mean)",
		log: "both",
		points: true,
		lines: spreads.map(({ cell, quantity, half_widths }) => ({
			name: quantity === "energy" ? `${cell}: energy` : cell,
			x: half_widths.map(({ repetitions }) => repetitions),
			y: half_widths.map(({ share }) => 100 * share),
			dash: quantity === "energy" ? "dash" : "solid",
		})),
	});
}

/** Each repetition's mean latency beside the mean of its cell, over the time of the run; the control beside its own. */
function repetitions({ windows }: Pick<RunSummary, "windows">, source: string): Figure {
	const points = windows.map(
		({ cell, time_s, deviation_share }): ScatterPoint => ({
			x: time_s / 60,
			y: 100 * deviation_share,
			colour: cell ?? "control",
			marker: cell === undefined ? "control" : "repetition",
		}),
	);
	return scatterByGroup({
		title: "The spread of the repetitions",
		caption:
			"Each point is a window's mean latency beside the mean of its cell. Cells that move together in time were moved by the machine, not by chance; the control, always the same arithmetic, shows it best.",
		kind: "measured",
		source,
		x: "time since the first window (min)",
		y: "difference from the cell's mean (%)",
		colourTitle: "cell",
		markerTitle: "what",
		points,
	});
}

/** Figures of a run: how its repetitions spread, and what more of them would buy. */
export interface RunFigures {
	readonly repetitions: Figure;
	readonly longer: Figure;
}

/**
 * A run in figures, from `studies.runSummary`.
 *
 * @example
 * const plan = await measurement.readPlan("notebook");
 * figures.run(studies.runSummary(plan, []), "no run").longer.data; // → []
 */
export function runFigures(run: Pick<RunSummary, "spreads" | "windows">, source: string): RunFigures {
	return { repetitions: repetitions(run, source), longer: longerRun(run, source) };
}
