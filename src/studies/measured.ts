import { mean, median, sampleStandardDeviation } from "simple-statistics";
import { groupBy } from "../group.js";
import { type ProbeAgreement, probeAgreement } from "../measurement/caveats.js";
import type { Meters } from "../measurement/meters.js";
import type { Plan } from "../measurement/plan.js";
import { cellName, type KnobValues } from "../measurement/planCells.js";
import { batchEnergy, type JournalRecord, type Repetition, type Session } from "../measurement/records.js";
import { controlVariation, quietVariation, relativeHalfWidth, repetitionsNeeded } from "../measurement/repetitions.js";
import { type PlanTime, planTime } from "../measurement/schedule.js";
import { type CellSummary, type IdleOfBlock, idlePowers, summarise } from "../measurement/summary.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import { tInterval } from "../statistics/intervals.js";

/** What a run of one machine came to. */
export interface RunSummary {
	readonly cells: readonly CellSummary[];
	/** The control workload: standard deviation over mean, and whether the node was quiet by it. */
	readonly control: Perhaps<{
		readonly variation_share: number;
		readonly limit_share: number;
		readonly quiet: boolean;
	}>;
	/** Idle power before and after each block, and its drift. */
	readonly idle: Perhaps<readonly IdleOfBlock[]>;
	/** How often what is expected between two probes held. */
	readonly agreement: Perhaps<readonly ProbeAgreement[]>;
	readonly spreads: readonly RepetitionSpread[];
	/** What narrower intervals would take. */
	readonly longer: readonly LongerRun[];
	readonly windows: readonly WindowDeviation[];
}

/**
 * What a run came to, from its plan and its journal: cells, control, idle power, agreement of probes, spread.
 *
 * @param targets half-widths of an interval over its mean, for what a longer run would take
 * @example
 * const plan = await measurement.readPlan("notebook");
 * studies.runSummary(plan, []).control; // → { status: "unavailable", reason: "0 control windows, at least 2 needed" }
 */
export function runSummary(
	plan: Plan,
	records: readonly JournalRecord[],
	targets: readonly number[] = [0.05, 0.02, 0.01, 0.005],
): RunSummary {
	const variation = controlVariation(records);
	const idle = [...idlePowers(records).values()];
	const agreement = probeAgreement(records);
	const spreads = repetitionSpreads(records);
	return {
		cells: summarise(plan, [records]),
		control:
			variation.status === "ok"
				? available({
						variation_share: variation.value,
						limit_share: quietVariation,
						quiet: variation.value <= quietVariation,
					})
				: unavailable(variation.detail),
		idle: idle.length > 0 ? available(idle) : unavailable(whyNone(records, "no block has both baselines")),
		agreement:
			agreement.length > 0
				? available(agreement)
				: unavailable(whyNone(records, "one probe alone has nothing to agree with")),
		spreads,
		longer: longerRun(spreads, records, targets),
		windows: windowDeviations(records),
	};
}

function whyNone(records: readonly JournalRecord[], otherwise: string): string {
	const sessions = records.filter((record): record is Session => record.type === "session");
	return sessions.some(({ probes }) => probes.length > 0) ? otherwise : "no energy source watched this run";
}

/** How the repetitions of a cell vary in one quantity. */
export interface RepetitionSpread {
	/** The cell in words. */
	readonly cell: string;
	readonly quantity: "latency" | "energy";
	/** Seconds, or J a batch: a repetition each. */
	readonly values: readonly number[];
	/** Sample standard deviation over the mean. */
	readonly variation_share: number;
	/** Half-widths of Student's interval (level 0.95) over the mean, were there so many repetitions of this spread. */
	readonly half_widths: readonly { readonly repetitions: number; readonly share: number }[];
}

const counts = [2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50];

/** How the repetitions of every cell vary, of cells that were run twice at least. */
function repetitionSpreads(records: readonly JournalRecord[]): RepetitionSpread[] {
	const repetitions = records.filter((record): record is Repetition => record.type === "repetition");
	return [...groupBy(repetitions, ({ cell }) => cell)].flatMap(([cell, own]) => {
		const latency = own.map(({ window }) => window.latency_mean_s);
		const energy = own.flatMap(({ window }) => batchEnergy(window) ?? []);
		return [
			{ quantity: "latency" as const, values: latency },
			{ quantity: "energy" as const, values: energy },
		].flatMap(({ quantity, values }): RepetitionSpread[] => {
			if (values.length < 2) return [];
			const variation_share = sampleStandardDeviation(values) / mean(values);
			const half_widths = counts.flatMap((count) => {
				const interval = tInterval(0, variation_share, count);
				return interval.status === "ok" ? [{ repetitions: count, share: interval.high }] : [];
			});
			return [{ cell: cellLabel(cell), quantity, values, variation_share, half_widths }];
		});
	});
}

/** A cell's id in a journal, as a person reads it. */
function cellLabel(id: string): string {
	const [variant, cores, batch, knobs = {}] = JSON.parse(id) as [string, number, number, KnobValues?];
	return cellName({ id, variant, cores, batch, knobs });
}

/** What it would take for the intervals of all cells to be so narrow. */
export interface LongerRun {
	/** Half-width of the interval over the mean. */
	readonly interval_within_share: number;
	readonly of: "latency" | "energy";
	readonly cells: number;
	readonly cells_there_already: number;
	readonly repetitions_median: number;
	readonly repetitions_worst: number;
	/** Of all cells, at the pace of this run. */
	readonly time_s: number;
	/** From this run's spread. */
	readonly kind: "modelled";
}

/**
 * For each target half-width the repetitions that it takes, and the time at the pace of this run, if the cells go on varying
 * as they did. The spread itself is an estimate: of six repetitions it is known to a factor of 0.6 to 2.5 (chi-square, 5
 * degrees of freedom).
 */
function longerRun(
	spreads: readonly RepetitionSpread[],
	records: readonly JournalRecord[],
	targets: readonly number[],
): LongerRun[] {
	const pace_s = paceOf(records);
	return targets.flatMap((target) =>
		[...groupBy(spreads, ({ quantity }) => quantity)].map(([quantity, own]): LongerRun => {
			const needed = own.map(({ variation_share }) => repetitionsNeeded(variation_share, target));
			return {
				interval_within_share: target,
				of: quantity,
				cells: own.length,
				cells_there_already: own.filter(({ values }) => relativeHalfWidth(values) <= target).length,
				repetitions_median: Math.ceil(median(needed)),
				repetitions_worst: Math.max(...needed),
				time_s: pace_s * needed.reduce((a, b) => a + b, 0),
				kind: "modelled",
			};
		}),
	);
}

/** Wall time a repetition, s: warm-ups, controls and idle baselines included. */
function paceOf(records: readonly JournalRecord[]): number {
	const spans = records.flatMap((record) => {
		if (record.type !== "repetition" && record.type !== "control") return [];
		const from = Date.parse(record.window.started_at);
		return [{ from, to: from + 1000 * record.window.elapsed_s }];
	});
	const first = Math.min(...spans.map(({ from }) => from));
	const last = Math.max(...spans.map(({ to }) => to));
	return (last - first) / 1000 / records.filter(({ type }) => type === "repetition").length;
}

/** A window beside the mean of its cell. */
export interface WindowDeviation {
	/** In words; absent for the control workload. */
	readonly cell?: string;
	/** Since the first window. */
	readonly time_s: number;
	/** Mean latency of a cell's window, median of the control's. */
	readonly latency_s: number;
	/** latency / mean over the cell's windows - 1. */
	readonly deviation_share: number;
}

/** Each repetition's mean latency beside the mean of its cell, over the time of the run; the control beside its own. */
function windowDeviations(records: readonly JournalRecord[]): WindowDeviation[] {
	const windows = records.flatMap((record): { cell?: string; time_ms: number; latency_s: number }[] => {
		if (record.type !== "repetition" && record.type !== "control") return [];
		const time_ms = Date.parse(record.window.started_at);
		return record.type === "repetition"
			? [{ cell: cellLabel(record.cell), time_ms, latency_s: record.window.latency_mean_s }]
			: [{ time_ms, latency_s: record.window.latency_p50_s }];
	});
	const start_ms = Math.min(...windows.map(({ time_ms }) => time_ms));
	return [...groupBy(windows, ({ cell }) => cell).values()].flatMap((own) => {
		const centre = mean(own.map(({ latency_s }) => latency_s));
		return own.map(({ time_ms, latency_s, ...cell }) => ({
			...cell,
			time_s: (time_ms - start_ms) / 1000,
			latency_s,
			deviation_share: latency_s / centre - 1,
		}));
	});
}

/** The time of a plan, with its name. */
export interface NamedPlanTime extends PlanTime {
	readonly plan: string;
	readonly time_limit_s: number;
}

/**
 * What plans take on this machine, as its energy sources lengthen them.
 *
 * @example
 * const plan = await measurement.readPlan("notebook");
 * studies.planTimes([plan], { available: [] })[0].cells; // → 6
 */
export function planTimes(plans: readonly Plan[], { available: meters }: Pick<Meters, "available">): NamedPlanTime[] {
	return plans.map((plan) => ({ plan: plan.name, ...planTime(plan, meters), time_limit_s: plan.time_limit_s }));
}
