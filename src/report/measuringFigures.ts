import { mean, median, sampleStandardDeviation } from "simple-statistics";
import type { Evidence, EvidenceCell } from "../evaluation/evidence.js";
import { groupBy } from "../group.js";
import { batchEnergy, type JournalRecord, type Repetition } from "../measurement/records.js";
import { relativeHalfWidth, repetitionsNeeded } from "../measurement/repetitions.js";
import { tInterval } from "../statistics/intervals.js";
import { weakestKind } from "../units.js";
import type { Figure } from "./house.js";
import { lines } from "./lines.js";
import { cellLabel } from "./measuringTables.js";
import { type ScatterPoint, scatterByGroup } from "./scatter.js";

/** Latency of a batch against its size, a figure for each population of a data set: a line a variant and allocation. */
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

/** How the repetitions of a cell vary in one quantity. */
interface Spread {
	readonly cell: string;
	readonly quantity: "latency" | "energy";
	readonly values: readonly number[];
	/** s / mean. */
	readonly variation: number;
}

/**
 * Rows for a table: for each target half-width the repetitions that it takes, and the time at the pace of this run, if the
 * cells go on varying as they did. The spread itself is an estimate: of six repetitions it is known to a factor of 0.6 to
 * 2.5 (chi-square, 5 degrees of freedom).
 *
 * @param targets half-width of the interval over the mean, as 0.02
 */
export function longerRunRows(
	records: readonly JournalRecord[],
	targets: readonly number[],
): Record<string, string | number>[] {
	const spreads = spreadsOf(records);
	const pace_s = paceOf(records);
	return targets.flatMap((target) =>
		[...groupBy(spreads, ({ quantity }) => quantity)].map(([quantity, own]) => {
			const needed = own.map(({ variation }) => repetitionsNeeded(variation, target));
			const within = own.filter(({ values }) => relativeHalfWidth(values) <= target).length;
			return {
				"interval within (%)": 100 * target,
				of: quantity,
				"cells there already": `${within} of ${own.length}`,
				"repetitions, median cell": Math.ceil(median(needed)),
				"repetitions, worst cell": Math.max(...needed),
				"time for all cells (min)": Number(((pace_s * needed.reduce((a, b) => a + b, 0)) / 60).toFixed(1)),
				kind: "modelled from this run's spread",
			};
		}),
	);
}

/** The half-width of each cell's interval as its repetitions grow, if it goes on varying as it did. */
export function longerRunLines(records: readonly JournalRecord[], source: string): Figure {
	const counts = [2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50];
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
		lines: spreadsOf(records).map(({ cell, quantity, variation }) => ({
			name: quantity === "energy" ? `${cellLabel(cell)}: energy` : cellLabel(cell),
			x: counts,
			y: counts.map((n) => {
				const interval = tInterval(0, variation, n);
				return interval.status === "ok" ? 100 * interval.high : 0;
			}),
			dash: quantity === "energy" ? "dash" : "solid",
		})),
	});
}

function spreadsOf(records: readonly JournalRecord[]): Spread[] {
	const repetitions = records.filter((record): record is Repetition => record.type === "repetition");
	return [...groupBy(repetitions, ({ cell }) => cell)].flatMap(([cell, own]) => {
		const latency = own.map(({ window }) => window.latency_mean_s);
		const energy = own.flatMap(({ window }) => batchEnergy(window) ?? []);
		return [spread(cell, "latency", latency), spread(cell, "energy", energy)].flatMap((one) => one ?? []);
	});
}

function spread(cell: string, quantity: Spread["quantity"], values: readonly number[]): Spread | undefined {
	if (values.length < 2) return undefined;
	return { cell, quantity, values, variation: sampleStandardDeviation(values as number[]) / mean(values as number[]) };
}

/** Wall time a repetition, s: warm-ups, controls and idle baselines included. */
function paceOf(records: readonly JournalRecord[]): number {
	const spans = records.flatMap((record) =>
		record.type === "repetition" || record.type === "control"
			? [
					{
						from: Date.parse(record.window.started_at),
						to: Date.parse(record.window.started_at) + 1000 * record.window.elapsed_s,
					},
				]
			: [],
	);
	const count = records.filter(({ type }) => type === "repetition").length;
	const first = Math.min(...spans.map(({ from }) => from));
	const last = Math.max(...spans.map(({ to }) => to));
	return (last - first) / 1000 / count;
}

/** Each repetition's mean latency beside the mean of its cell, over the time of the run; the control beside its own. */
export function repetitionScatter(records: readonly JournalRecord[], source: string): Figure {
	const windows = records.flatMap((record) => {
		if (record.type === "repetition")
			return [{ ...at(record.window.started_at), value: record.window.latency_mean_s, group: cellLabel(record.cell) }];
		return record.type === "control"
			? [{ ...at(record.window.started_at), value: record.window.latency_p50_s, group: "control" }]
			: [];
	});
	const start = Math.min(...windows.map(({ time_ms }) => time_ms));
	const points = [...groupBy(windows, ({ group }) => group)].flatMap(([group, own]): ScatterPoint[] => {
		const centre = mean(own.map(({ value }) => value));
		return own.map(({ time_ms, value }) => ({
			x: (time_ms - start) / 60_000,
			y: 100 * (value / centre - 1),
			colour: group,
			marker: group === "control" ? "control" : "repetition",
		}));
	});
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

function at(started_at: string): { readonly time_ms: number } {
	return { time_ms: Date.parse(started_at) };
}
