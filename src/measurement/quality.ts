import { mean, median, sampleStandardDeviation } from "simple-statistics";
import { groupBy } from "../group.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import type { Plan } from "./plan.js";
import { planCells } from "./planCells.js";
import { batchEnergy, type JournalRecord, type MeasuredWindow } from "./records.js";
import { type CellSummary, summarise } from "./summary.js";

/** What is asked of a run: narrow intervals in nearly all cells, a control that stays put, sources that agree. */
export const qualityTargets = { share_of_cells: 0.95, control_drift: 0.02, disagreement: 0.05 } as const;

/** How good a run is, beside its numbers. Shares are of 1. */
export interface RunQuality {
	readonly cells: number;
	/** Cells with the plan's least repetitions; with some; with none. */
	readonly complete: number;
	readonly partial: number;
	readonly missing: readonly string[];
	/** Repetitions and controls. */
	readonly windows: number;
	/** Visits that came to nothing, and why. */
	readonly failed: readonly { readonly cell: string; readonly reason: string }[];
	/** Share of the measured cells whose mean energy, or latency, has an interval (level 0.95) within the plan's target. */
	readonly narrow_energy: Perhaps<number>;
	readonly narrow_latency: number;
	readonly control_latency: Perhaps<ControlDrift>;
	/** Of the preferred source, a batch of the control. */
	readonly control_energy: Perhaps<ControlDrift>;
	/** Other sources of the preferred one's coverage against it. */
	readonly agreement: readonly SourceAgreement[];
}

export interface ControlDrift {
	readonly windows: number;
	/** Sample standard deviation of the windows, as a share of their mean. */
	readonly variation: number;
	/** Greatest less least mean of a block, as a share of the mean; unavailable for one block. */
	readonly drift: Perhaps<number>;
}

export interface SourceAgreement {
	readonly probe: string;
	/** Its power over the preferred source's less 1, over the cells: median, and the one that is farthest from 0. */
	readonly median: number;
	readonly farthest: number;
	/** The id of the farthest cell. */
	readonly cell: string;
}

/** Judges a run by its own journals. The target of each figure is the plan's or in `qualityTargets`. */
export function runQuality(
	plan: Plan,
	journals: readonly (readonly JournalRecord[])[],
	summaries: readonly CellSummary[] = summarise(plan, journals),
): RunQuality {
	const { min, target_relative_interval: target } = plan.repetitions;
	const cells = planCells(plan).map(({ id }) => id);
	const counts = groupBy(summaries, ({ cell }) => cell.id);
	const countOf = (id: string) => (counts.get(id) ?? []).reduce((sum, one) => sum + one.repetitions + one.dropped, 0);
	const energies = summaries.flatMap(({ energy }) => (energy.status === "available" ? [energy.value] : []));
	const records = journals.flat();
	return {
		cells: cells.length,
		complete: cells.filter((id) => countOf(id) >= min).length,
		partial: cells.filter((id) => countOf(id) > 0 && countOf(id) < min).length,
		missing: cells.filter((id) => countOf(id) === 0),
		windows: records.filter(({ type }) => type === "repetition" || type === "control").length,
		failed: records.flatMap((record) =>
			record.type === "failed" ? [{ cell: record.cell, reason: record.reason }] : [],
		),
		narrow_energy:
			energies.length === 0
				? unavailable("no cell has an energy")
				: available(share(energies.map((energy) => energy.gross_relative_interval <= target))),
		narrow_latency: share(summaries.map((summary) => summary.latency_relative_interval <= target)),
		control_latency: controlDrift(journals, ({ latency_p50_s }) => latency_p50_s),
		control_energy: controlDrift(journals, batchEnergy),
		agreement: agreementOf(summaries),
	};
}

function controlDrift(
	journals: readonly (readonly JournalRecord[])[],
	quantityOf: (window: MeasuredWindow) => number | undefined,
): Perhaps<ControlDrift> {
	const controls = journals.flatMap((records, journal) =>
		records.flatMap((record) => {
			const value = record.type === "control" ? quantityOf(record.window) : undefined;
			return record.type !== "control" || value === undefined ? [] : [{ value, block: `${journal}/${record.block}` }];
		}),
	);
	const values = controls.map(({ value }) => value);
	if (values.length < 2) return unavailable(`${values.length} windows of the control, at least 2 needed`);
	const blocks = [...groupBy(controls, ({ block }) => block).values()].map((own) =>
		mean(own.map(({ value }) => value)),
	);
	return available({
		windows: values.length,
		variation: sampleStandardDeviation(values) / mean(values),
		drift:
			blocks.length < 2
				? unavailable("one block only")
				: available((Math.max(...blocks) - Math.min(...blocks)) / mean(values)),
	});
}

function agreementOf(summaries: readonly CellSummary[]): readonly SourceAgreement[] {
	const known = summaries.flatMap(({ cell, energy }) =>
		energy.status === "available"
			? energy.value.beside.map(({ probe, excess }) => ({ cell: cell.id, probe, excess }))
			: [],
	);
	return [...groupBy(known, ({ probe }) => probe)].map(([probe, own]) => {
		const farthest = own.reduce((far, one) => (Math.abs(one.excess) > Math.abs(far.excess) ? one : far));
		return { probe, median: median(own.map(({ excess }) => excess)), farthest: farthest.excess, cell: farthest.cell };
	});
}

function share(held: readonly boolean[]): number {
	return held.length === 0 ? 0 : held.filter(Boolean).length / held.length;
}
