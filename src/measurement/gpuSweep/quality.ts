import { mean, median, sampleStandardDeviation } from "simple-statistics";
import { groupBy } from "../../group.js";
import type { Perhaps } from "../records.js";
import type { SweepJournal } from "./readSweep.js";
import type { SweepWindow } from "./records.js";
import { type SweepSummary, summariseSweep } from "./summary.js";

/**
 * What is asked of a sweep: a complete grid, narrow intervals in nearly all cells, a control that stays put; and how far
 * counter and integrated power may be apart before a cell's energy is suspect.
 */
export const sweepTargets = {
	relative_interval: 0.03,
	share_of_cells: 0.95,
	control_drift: 0.02,
	disagreement: 0.05,
	repetitions: 5,
} as const;

/** How good a sweep is, beside its numbers. Shares are of 1. */
export interface SweepQuality {
	readonly grid: number;
	/** Repetitions of each cell that were asked for, over all journals. */
	readonly asked: number;
	/** Cells with every repetition that was asked for; with some; with none. */
	readonly complete: number;
	readonly partial: number;
	readonly missing: readonly string[];
	readonly windows: number;
	readonly failed: readonly { readonly cell: string; readonly reason: string }[];
	/** Share of the measured cells whose mean energy, or latency, has an interval (level 0.95) under the target. */
	readonly narrowEnergy: Perhaps<number>;
	readonly narrowLatency: number;
	/** The control's energy and latency through the sweep. */
	readonly controlEnergy: Perhaps<ControlDrift>;
	readonly controlLatency: Perhaps<ControlDrift>;
	/** integrated / counter - 1 over the cells: median, and the one that is farthest from 0. */
	readonly disagreement: Perhaps<{ readonly median: number; readonly farthest: number; readonly cell: string }>;
}

export interface ControlDrift {
	readonly windows: number;
	/** Sample standard deviation of the single windows, as a share of their mean. */
	readonly variation: number;
	/** Greatest less least mean of a call, as a share of the mean; unavailable for one call. */
	readonly drift: Perhaps<number>;
}

/** Judges a sweep by its own journals. The target of each figure is in `sweepTargets`. */
export function sweepQuality(
	journals: readonly SweepJournal[],
	summaries: readonly SweepSummary[] = summariseSweep(journals),
): SweepQuality {
	const grid = journals[0]?.header.grid ?? [];
	// Several GPUs of one repetition each are as many repetitions as they have together.
	const asked = journals.reduce((sum, { header }) => sum + header.repetitions, 0);
	const measured = new Map(summaries.map((summary) => [summary.cell.id, summary.repetitions]));
	const energies = summaries.flatMap(({ counter }) => (counter.status === "available" ? [counter.value] : []));
	const target = sweepTargets.relative_interval;
	return {
		grid: grid.length,
		asked,
		complete: grid.filter((id) => (measured.get(id) ?? 0) >= asked).length,
		partial: grid.filter((id) => measured.has(id) && (measured.get(id) as number) < asked).length,
		missing: grid.filter((id) => !measured.has(id)),
		windows: journals.reduce((count, { windows }) => count + windows.length, 0),
		failed: journals.flatMap(({ failed }) => failed.map(({ cell, reason }) => ({ cell, reason }))),
		narrowEnergy:
			energies.length === 0
				? { status: "unavailable", reason: "no cell has an energy" }
				: { status: "available", value: share(energies.map((energy) => energy.relative_interval < target)) },
		narrowLatency: share(summaries.map((summary) => summary.latency_relative_interval < target)),
		controlEnergy: drift(journals, ({ counter, images }) =>
			counter.status === "available" ? counter.energy_j / images : undefined,
		),
		controlLatency: drift(journals, ({ latency_s }) => latency_s.mean),
		disagreement: disagreement(summaries),
	};
}

function drift(
	journals: readonly SweepJournal[],
	quantityOf: (window: SweepWindow) => number | undefined,
): Perhaps<ControlDrift> {
	const controls = journals.flatMap(({ windows }, journal) =>
		windows.flatMap((window) => {
			const value = window.control ? quantityOf(window) : undefined;
			return value === undefined ? [] : [{ value, call: `${journal}/${window.call}` }];
		}),
	);
	const values = controls.map(({ value }) => value);
	if (values.length < 2)
		return { status: "unavailable", reason: `${values.length} windows of the control, at least 2 needed` };
	const calls = [...groupBy(controls, ({ call }) => call).values()].map((own) => mean(own.map(({ value }) => value)));
	return {
		status: "available",
		value: {
			windows: values.length,
			variation: sampleStandardDeviation(values) / mean(values),
			drift:
				calls.length < 2
					? { status: "unavailable", reason: "one call only" }
					: { status: "available", value: (Math.max(...calls) - Math.min(...calls)) / mean(values) },
		},
	};
}

function disagreement(summaries: readonly SweepSummary[]): SweepQuality["disagreement"] {
	const known = summaries.flatMap(({ cell, disagreement }) =>
		disagreement.status === "available" ? [{ cell: cell.id, value: disagreement.value }] : [],
	);
	const [first] = known;
	if (first === undefined) return { status: "unavailable", reason: "no cell has both energies" };
	const farthest = known.reduce((far, one) => (Math.abs(one.value) > Math.abs(far.value) ? one : far), first);
	return {
		status: "available",
		value: { median: median(known.map(({ value }) => value)), farthest: farthest.value, cell: farthest.cell },
	};
}

function share(held: readonly boolean[]): number {
	return held.length === 0 ? 0 : held.filter(Boolean).length / held.length;
}
