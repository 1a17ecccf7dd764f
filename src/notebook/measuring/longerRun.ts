import { mean, median, sampleStandardDeviation } from "simple-statistics";
import { groupBy } from "../../group.js";
import { batchEnergy } from "../../measurement/batchEnergy.js";
import type { JournalRecord, Repetition } from "../../measurement/records.js";
import { relativeHalfWidth } from "../../measurement/repetitions.js";
import { repetitionsNeeded } from "../../measurement/repetitionsNeeded.js";
import { tInterval } from "../../statistics/intervals.js";
import type { Figure } from "../figure.js";
import { lines } from "../plots/lines.js";
import { cellLabel } from "./cellLabel.js";

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
