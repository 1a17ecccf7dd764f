import { mean, sampleStandardDeviation } from "simple-statistics";
import { groupBy } from "../group.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import type { Plan } from "./plan.js";
import { type PlanCell, planCells } from "./planCells.js";
import {
	batchEnergy,
	domainsOf,
	type Idle,
	type JournalRecord,
	type MeasuredWindow,
	type MeterReading,
	meanPower,
	type Repetition,
	sessionsOf,
} from "./records.js";
import { relativeHalfWidth, withinThreeSigma } from "./repetitions.js";

/** Idle power around a block by the preferred probe, and how far it drifted. */
export interface IdleOfBlock {
	readonly block: number;
	readonly probe: string;
	/** What the baselines count, as `domainsOf` names them. */
	readonly domains: string;
	/** Mean of the baselines before and after the block, W. */
	readonly power_w: number;
	readonly before_w: number;
	readonly after_w: number;
	/** (after - before) / before. */
	readonly drift: number;
}

/** Idle power by block. A block without both baselines, with a refused one, or with two of other domains, has none. */
export function idlePowers(records: readonly JournalRecord[]): ReadonlyMap<number, IdleOfBlock> {
	const idles = records.filter((record): record is Idle => record.type === "idle");
	const pairs = idles.flatMap((before): [number, IdleOfBlock][] => {
		const after = idles.find(({ block, when }) => block === before.block && when === "after");
		const from = power(before);
		const to = after === undefined ? undefined : power(after);
		if (before.when !== "before" || from === undefined || to === undefined) return [];
		if (from.probe !== to.probe || from.domains !== to.domains) return [];
		return [
			[
				before.block,
				{
					block: before.block,
					probe: from.probe,
					domains: from.domains,
					power_w: (from.power_w + to.power_w) / 2,
					before_w: from.power_w,
					after_w: to.power_w,
					drift: (to.power_w - from.power_w) / from.power_w,
				},
			],
		];
	});
	return new Map(pairs);
}

function power({ readings: [reading] }: Idle): { probe: string; domains: string; power_w: number } | undefined {
	return reading?.status === "reading"
		? { probe: reading.probe, domains: domainsOf(reading), power_w: meanPower(reading) }
		: undefined;
}

/** What the repetitions of a cell on one machine come to. Energies are of a batch, J. */
export interface CellSummary {
	readonly cell: PlanCell;
	readonly hardware: string;
	/** Repetitions kept, and whole repetitions dropped beyond 3 sigma. */
	readonly repetitions: number;
	readonly dropped: number;
	readonly latency_s: number;
	/** Mean of the repetitions' 99th percentiles, s. */
	readonly latency_p99_s: number;
	/** Half-width of the mean latency's t-interval (level 0.95), as a share of the mean. */
	readonly latency_relative_interval: number;
	readonly throughput_rps: number;
	readonly cpu_s_per_batch: Perhaps<number>;
	readonly warm_ups_capped: number;
	/** Fewest batches of a window: with under 100 its 99th percentile is next to the greatest latency. */
	readonly batches_least: number;
	/** What the work counted of its batches, a batch. */
	readonly counted: Readonly<Record<string, number>>;
	/** What the preferred source saw beside the energy: means over the repetitions. */
	readonly observed: Readonly<Record<string, number>>;
	/** What a source said against a window, each once. */
	readonly flags: readonly { readonly name: string; readonly meaning: string }[];
	readonly energy: Perhaps<CellEnergyMeasured>;
}

export interface CellEnergyMeasured {
	readonly probe: string;
	readonly covers: readonly string[];
	readonly kind: "measured" | "modelled";
	/** Repetitions that have an energy. */
	readonly repetitions: number;
	readonly gross_j: number;
	readonly gross_sd_j: number;
	readonly gross_relative_interval: number;
	readonly power_w: number;
	/**
	 * Gross energy less the idle power of its block times the window; unavailable where a baseline is missing or is of other
	 * domains, or where the cell drew no more than the idle machine.
	 */
	readonly idle_subtracted_j: Perhaps<number>;
	readonly idle_power_w: Perhaps<number>;
	/** What other sources of the same coverage say of the same windows. */
	readonly beside: readonly ProbeBeside[];
}

export interface ProbeBeside {
	readonly probe: string;
	/** Windows that both have an energy of. */
	readonly windows: number;
	/** Its mean power over the preferred source's, less 1: the mean over those windows. */
	readonly excess: number;
}

/** The cells of a journal, or of several nodes' journals together: one summary a cell and machine, in the plan's order. */
export function summarise(plan: Plan, journals: readonly (readonly JournalRecord[])[]): readonly CellSummary[] {
	const order = new Map(planCells(plan).map((cell, i) => [cell.id, { cell, i }]));
	const taken = journals.flatMap((records, i) => {
		const sessions = sessionsOf([records]);
		// Two machines of which nothing is known may differ.
		const apart = journals.length > 1 ? ` (node ${i + 1})` : "";
		const hardwareOf = (session: number) => {
			const { hardware = "unknown" } = sessions[session] ?? {};
			return /^unknown\b/i.test(hardware) ? `${hardware}${apart}` : hardware;
		};
		const idle = idlePowers(records);
		return records.flatMap((record) =>
			record.type === "repetition"
				? [{ record, hardware: hardwareOf(record.session), idle: idle.get(record.block) }]
				: [],
		);
	});
	const groups = groupBy(taken, ({ record, hardware }) => JSON.stringify([record.cell, hardware]));
	const summaries = [...groups.values()].flatMap((group) => {
		const found = order.get(group[0]?.record.cell ?? "");
		return found === undefined ? [] : [{ i: found.i, summary: summaryOf(found.cell, group) }];
	});
	return summaries.sort((a, b) => a.i - b.i).map(({ summary }) => summary);
}

type Read = Extract<MeterReading, { status: "reading" }>;

interface Taken {
	readonly record: Repetition;
	readonly hardware: string;
	readonly idle: IdleOfBlock | undefined;
}

function summaryOf(cell: PlanCell, all: readonly Taken[]): CellSummary {
	const energyOf = ({ record }: Taken) => batchEnergy(record.window);
	const outlying = new Set(withinThreeSigma(all.map(({ record }) => record.window.latency_mean_s)).dropped);
	const withEnergy = all.flatMap((taken, i) => (energyOf(taken) === undefined ? [] : [i]));
	const energies = withEnergy.map((i) => energyOf(all[i] as Taken) as number);
	for (const position of withinThreeSigma(energies).dropped) outlying.add(withEnergy[position] as number);

	const kept = all.filter((_, i) => !outlying.has(i));
	const windows = kept.map(({ record }) => record.window);
	const latencies = windows.map(({ latency_mean_s }) => latency_mean_s);
	const batches = sum(windows.map((window) => window.batches));
	const cpu = windows.map(({ cpu_s }) => cpu_s);
	const noCpu = cpu.find(({ status }) => status === "unavailable");
	return {
		cell,
		hardware: kept[0]?.hardware ?? "unknown",
		repetitions: kept.length,
		dropped: outlying.size,
		latency_s: mean(latencies),
		latency_p99_s: mean(windows.map(({ latency_p99_s }) => latency_p99_s)),
		latency_relative_interval: relativeHalfWidth(latencies),
		throughput_rps: (batches * cell.batch) / sum(windows.map(({ elapsed_s }) => elapsed_s)),
		cpu_s_per_batch:
			noCpu ?? available(sum(cpu.map((entry) => (entry.status === "available" ? entry.value : 0))) / batches),
		warm_ups_capped: kept.filter(({ record }) => !record.warm_up.stable).length,
		batches_least: Math.min(...windows.map((window) => window.batches)),
		counted: Object.fromEntries(
			[...sumsOf(windows.map(({ counted = {} }) => counted))].map(([name, { sum: total }]) => [name, total / batches]),
		),
		observed: Object.fromEntries(
			[...sumsOf(firstReadings(windows).map(({ observed = {} }) => observed))].map(([name, { sum: total, count }]) => [
				name,
				total / count,
			]),
		),
		flags: [
			...new Map(
				windows.flatMap(({ readings }) =>
					readings.flatMap((reading) =>
						reading.status === "reading" ? (reading.flags ?? []).map((flag) => [flag.name, flag] as const) : [],
					),
				),
			).values(),
		],
		energy: energyOfCell(kept),
	};
}

function energyOfCell(kept: readonly Taken[]): Perhaps<CellEnergyMeasured> {
	const read = kept.flatMap(({ record: { window }, idle }) => {
		const [reading] = window.readings;
		return reading?.status === "reading" ? [{ reading, window, idle }] : [];
	});
	const [first] = read;
	if (first === undefined || read.length < 2) return unavailable(whyNone(kept, read.length));
	const probes = new Set(read.map(({ reading }) => reading.probe));
	if (probes.size > 1) return unavailable(`repetitions by different probes: ${[...probes].join(", ")}`);
	const extents = new Set(read.map(({ reading }) => extentOf(reading)));
	if (extents.size > 1) return unavailable(`repetitions that cover different domains: ${[...extents].join("; ")}`);
	const gross = read.map(({ window }) => batchEnergy(window) as number);
	const idles = read.flatMap(({ reading, idle }) =>
		idle?.probe === reading.probe && idle.domains === domainsOf(reading) ? [idle.power_w] : [],
	);
	const idle_power_w: Perhaps<number> =
		idles.length === read.length
			? available(mean(idles))
			: unavailable("a block has no idle baseline of the same domains by the same probe");
	return available({
		probe: first.reading.probe,
		covers: first.reading.covers,
		kind: read.some(({ reading }) => reading.kind === "modelled") ? "modelled" : "measured",
		repetitions: read.length,
		gross_j: mean(gross),
		gross_sd_j: sampleStandardDeviation(gross),
		gross_relative_interval: relativeHalfWidth(gross),
		power_w: sum(read.map(({ reading }) => reading.energy_j)) / sum(read.map(({ reading }) => reading.duration_s)),
		idle_subtracted_j: idle_power_w.status === "available" ? lessIdle(read, idles) : idle_power_w,
		idle_power_w,
		beside: besideOf(read.map(({ window }) => window)),
	});
}

function besideOf(windows: readonly MeasuredWindow[]): readonly ProbeBeside[] {
	const pairs = windows.flatMap(({ readings: [first, ...others] }) =>
		others.flatMap((other) =>
			first?.status === "reading" &&
			other.status === "reading" &&
			[first, other].every(({ kind }) => kind === "measured") &&
			[...first.covers].sort().join() === [...other.covers].sort().join()
				? [{ probe: other.probe, excess: meanPower(other) / meanPower(first) - 1 }]
				: [],
		),
	);
	return [...groupBy(pairs, ({ probe }) => probe)].map(([probe, own]) => ({
		probe,
		windows: own.length,
		excess: mean(own.map(({ excess }) => excess)),
	}));
}

function firstReadings(windows: readonly MeasuredWindow[]): readonly Read[] {
	return windows.flatMap(({ readings: [first] }) => (first?.status === "reading" ? [first] : []));
}

function sumsOf(
	numbers: readonly Readonly<Record<string, number>>[],
): ReadonlyMap<string, { readonly sum: number; readonly count: number }> {
	const sums = new Map<string, { sum: number; count: number }>();
	for (const [name, value] of numbers.flatMap((own) => Object.entries(own))) {
		const { sum: total, count } = sums.get(name) ?? { sum: 0, count: 0 };
		sums.set(name, { sum: total + value, count: count + 1 });
	}
	return sums;
}

/** Energy of a batch above that of the idle machine over the same time, J: mean over repetitions, each with its block's idle power. */
function lessIdle(
	read: readonly { readonly reading: Read; readonly window: MeasuredWindow }[],
	idles_w: readonly number[],
): Perhaps<number> {
	const above_j = read.map(
		({ reading, window }, i) => ((meanPower(reading) - (idles_w[i] as number)) * window.elapsed_s) / window.batches,
	);
	if (mean(above_j) > 0) return available(mean(above_j));
	return unavailable(`the cell drew no more than the idle ${Math.round(100 * mean([...idles_w])) / 100} W`);
}

/** What the total of a reading is of, the same on nodes that are alike: "2 package, 2 dram". */
function extentOf({ covers, kind, domains = [] }: Read): string {
	const counted = domains.filter(({ inTotal }) => inTotal);
	if (kind === "modelled" || counted.length === 0) return covers.join(", ");
	return covers.map((part) => `${counted.filter((entry) => entry.covers === part).length} ${part}`).join(", ");
}

function whyNone(kept: readonly Taken[], count: number): string {
	const [reading] = kept.flatMap(({ record }) => record.window.readings.slice(0, 1));
	if (reading === undefined) return "no energy source watched this run";
	const reasons = kept.flatMap(({ record }) =>
		record.window.readings.slice(0, 1).flatMap((entry) => (entry.status === "refused" ? [entry.reason] : [])),
	);
	return `${count} of ${kept.length} repetitions have an energy, at least 2 needed${reasons[0] === undefined ? "" : `: ${reading.probe}: ${reasons[0]}`}`;
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

/** Cells with fewer repetitions on a machine than the plan's least: of a run that did not end, or that changed machines. */
export function shortCells({ repetitions }: Plan, summaries: readonly CellSummary[]): readonly CellSummary[] {
	return summaries.filter((summary) => summary.repetitions + summary.dropped < repetitions.min);
}
