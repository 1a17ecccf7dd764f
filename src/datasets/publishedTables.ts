import { join } from "node:path";
import type { SproutHour } from "../directives/sprout.js";
import { groupBy } from "../group.js";
import type { BandwidthSample, LatencyPoint } from "../scaling/sponge.js";
import type { MpsSample, SliceTimes } from "../sharing/miso.js";
import type { TraceJob } from "../sharing/misoSchedule.js";
import type { BatchJob } from "../shifting/letsWaitAwhile.js";
import { type CsvTable, numberField, readCsv, rowFault } from "./csv.js";
import { describedRows, readRows } from "./readRows.js";
import { packageRoot } from "./root.js";

const raw = (...path: readonly string[]) => join(packageRoot, "data", "raw", ...path);

/** A zone's month of SPROUT's evaluation: 720 hours of 2023 from `start_hour` on. */
export interface SproutRun {
	readonly region: string;
	readonly start_hour: number;
	readonly hours: readonly SproutHour[];
	/** What its authors' run saved, and the quality it kept: shares, from the mixes and grams that it recorded. */
	readonly published: { readonly saved: number; readonly quality: number };
}

/** The 15 zone-months of data/raw/sprout-directives, in their order. */
export async function readSproutRuns(): Promise<SproutRun[]> {
	const level = "not negative";
	const rows = await readRows(raw("sprout-directives", "sprout-hourly.csv.gz"), {
		...{ region: "text", start_hour: "whole", lp_g: "positive", base_g: "positive", intensity: level },
		...{ x0: level, x1: level, x2: level, true_q0: level, true_q1: level, true_q2: level },
		...{ e0_kwh: level, e1_kwh: level, e2_kwh: level, t0_s: level, t1_s: level, t2_s: level },
		...{ q0: level, q1: level, q2: level },
	});
	return [...groupBy(rows, ({ region, start_hour }) => `${region} ${start_hour}`).values()].map((own) => {
		const { region, start_hour } = own[0]!;
		const sum = (of: (row: (typeof own)[number]) => number) => own.reduce((total, row) => total + of(row), 0);
		const quality = sum((row) => (row.x0 * row.true_q0 + row.x1 * row.true_q1 + row.x2 * row.true_q2) / row.true_q0);
		return {
			region,
			start_hour,
			hours: own.map((row) => ({
				intensity_g_per_kwh: row.intensity,
				energy_kwh: [row.e0_kwh, row.e1_kwh, row.e2_kwh],
				time_s: [row.t0_s, row.t1_s, row.t2_s],
				quality: [row.q0, row.q1, row.q2],
				trueQuality: [row.true_q0, row.true_q1, row.true_q2],
				base_g: row.base_g,
			})),
			published: {
				saved: 1 - sum(({ lp_g }) => lp_g) / sum(({ base_g }) => base_g),
				quality: quality / own.length,
			},
		};
	});
}

/** MISO's 100 jobs, with their times by slice (data/raw/miso): seconds an iteration rounded as its scheduler rounds them. */
export async function readMisoJobs(): Promise<TraceJob[]> {
	const profiles = await readMisoTimes();
	const table = await readCsv(raw("miso", "miso-jobs-100.csv"));
	const columns = { workload: "text", batch: "text", runtime_s_on_7g: "positive" } as const;
	return describedRows(table, columns).map(([{ workload, batch, runtime_s_on_7g: runtime_s }, row]) => {
		const name = `${workload}-${batch}`;
		const times = profiles.get(name);
		if (times === undefined) throw rowFault(row, "workload", "must have a profile", name);
		return { name, runtime_s, times };
	});
}

/** Time of each workload and batch by slice, relative to the slowest of 7g, 4g and 3g, to four decimals as in MISO. */
export async function readMisoTimes(): Promise<Map<string, SliceTimes>> {
	const columns = { workload: "text", batch: "text", mig_slice: "text", miso_mean_s: "positive" } as const;
	const rows = await readRows(raw("miso", "miso-a100-mig-training.csv"), columns);
	return new Map(
		[...groupBy(rows, ({ workload, batch }) => `${workload}-${batch}`)].map(([name, own]) => {
			const seconds = own.map((row) => [Number.parseInt(row.mig_slice, 10), row.miso_mean_s] as const);
			const slowest = Math.max(
				0,
				...seconds.flatMap(([slice, s]) => (slice === 7 || slice === 4 || slice === 3 ? s : [])),
			);
			return [name, Object.fromEntries(seconds.map(([slice, s]) => [slice, Math.round((s / slowest) * 1e4) / 1e4]))];
		}),
	);
}

/** The 3,387 batch jobs of Let's Wait Awhile. */
export async function readBatchJobs(): Promise<BatchJob[]> {
	const columns = { start_minute_of_2020: "whole", duration_min: "positive integer" } as const;
	const rows = await readRows(raw("letswaitawhile", "letswaitawhile-jobs.csv"), columns);
	return rows.map(({ start_minute_of_2020: start_min, duration_min }) => ({ start_min, duration_min }));
}

/** The network of a bus that Sponge's runs went over, a sample a second. */
export async function readBusNetwork(): Promise<BandwidthSample[]> {
	return readRows(raw("sponge", "sponge-4g-bus-trace.csv"), { bytes: "not negative", interval_ms: "positive" });
}

/** Sponge's 30 points of latency by batch and cores. */
export async function readSpongeLatencies(): Promise<LatencyPoint[]> {
	const columns = { batch: "positive integer", cores: "positive integer", latency_s: "positive" } as const;
	return readRows(raw("sponge", "sponge-latency-profile.csv"), columns);
}

/** Means of a run of Sponge's own log, its first six steps (the start) left out. */
export interface SpongeRun {
	readonly run: string;
	readonly mean_cores: number;
	readonly infeasible_share: number;
}

/** Sponge's three logged runs. */
export async function readSpongeRuns(): Promise<SpongeRun[]> {
	const columns = { run: "text", step: "whole", cores: "positive integer", expected_latency_ms: "text?" } as const;
	const logged = (await readRows(raw("sponge", "sponge-runs.csv"), columns)).filter(({ step }) => step >= 6);
	return [...groupBy(logged, ({ run }) => run)].map(([run, steps]) => ({
		run,
		mean_cores: steps.reduce((sum, { cores }) => sum + cores, 0) / steps.length,
		// It prints 1 ms where nothing was feasible.
		infeasible_share: steps.filter((step) => step.expected_latency_ms === "1").length / steps.length,
	}));
}

/** Mean time of an inference with n tenants that keep one GPU busy, s, by strategy. */
export async function readSharingTimes(): Promise<{ strategy: string; tenants: number; mean_s: number }[]> {
	const columns = { strategy: "text", tenants: "positive integer", mean_inference_s: "positive" } as const;
	const rows = await readRows(raw("gpu-sharing-yolos", "gpu-sharing-yolos.csv"), columns);
	return rows.map(({ mean_inference_s: mean_s, ...row }) => ({ ...row, mean_s }));
}

/** Jobs of MISO's mixes under MPS, with their times by slice, relative to the slowest of 7g, 4g and 3g. */
export async function readMpsSamples(): Promise<MpsSample[]> {
	const profiles = await readMisoTimes();
	const rows = await readRows(raw("miso", "miso-mps-mixes.csv"), {
		...{ workload: "text", batch: "text", mix: "whole", mps_100: "positive", mps_50: "positive", mps_14: "positive" },
	});
	return rows.flatMap(({ workload, batch, mix, mps_100, mps_50, mps_14 }) => {
		const times = profiles.get(`${workload}-${batch}`);
		if (times === undefined) return [];
		return [{ mix, mps: [mps_100, mps_50, mps_14] as const, mig: [times[7]!, times[4]!, times[3]!] as const }];
	});
}

/** A figure of the paper's tables (data/raw/ipa-paper), or undefined where the paper prints none. */
export function publishedFigure(
	{ rows }: CsvTable,
	table: string,
	entity: string,
	attribute: string,
): number | undefined {
	const row = rows.find(
		({ values }) => values.table === table && values.entity === entity && values.attribute === attribute,
	);
	return row === undefined || row.values.value === "" ? undefined : numberField(row, "value", "none");
}

/** The same, where the figure must be there. Throws Error naming it. */
export function requiredFigure(paper: CsvTable, table: string, entity: string, attribute: string): number {
	const value = publishedFigure(paper, table, entity, attribute);
	if (value === undefined) throw new Error(`${paper.file} has no ${table}, ${entity}, ${attribute}`);
	return value;
}

/** Folder of what was read off IPA's published figures. */
export const publishedFolder = raw("ipa-published");

/** A bar of Figure 14 (weights) or 16 (predictors): a mean or a count over a run of the bursty window. */
export interface PublishedBar {
	readonly figure: string;
	readonly pipeline: string;
	readonly family: string;
	readonly case: string;
	readonly metric: string;
	readonly value: number;
}

/** A point of Figure 15: a quantile of a run's latencies, s, or the share of its seconds within the SLA. */
export interface PublishedLatency {
	readonly pipeline: string;
	readonly system: string;
	readonly what: "quantile" | "share_within_sla";
	/** The quantile's share, or the SLA, s. */
	readonly at: number;
	readonly value: number;
}

/** A second of Figure 7: the load, and what IPA's LSTM says of it, requests/s. */
export interface PublishedForecast {
	readonly window: string;
	readonly second: number;
	readonly real_rps: number;
	readonly lstm_rps: number;
	/** Read between two vertices of the line rather than at one. */
	readonly interpolated: boolean;
}

/** Reads the bars of Figures 14 and 16. Throws InputError with the line of a bad row. */
export async function readPublishedBars(
	file = join(publishedFolder, "ipa-published-bars.csv"),
): Promise<PublishedBar[]> {
	const rows = await readRows(file, {
		...{
			figure: "text",
			pipeline: "text",
			accuracy_method: "text",
			case: "text",
			metric: "text",
			value: "not negative",
		},
	});
	return rows.map(({ accuracy_method: family, ...row }) => ({ ...row, family }));
}

/** Reads the distributions of Figure 15. Throws InputError with the line of a bad row. */
export async function readPublishedLatencies(
	file = join(publishedFolder, "ipa-published-latency.csv"),
): Promise<PublishedLatency[]> {
	const what = ["quantile", "share_within_sla"] as const;
	return readRows(file, { pipeline: "text", system: "text", what, at: "not negative", value: "none" });
}

/** Reads the LSTM of Figure 7. Throws InputError with the line of a bad row. */
export async function readPublishedForecasts(
	file = join(publishedFolder, "ipa-published-lstm.csv"),
): Promise<PublishedForecast[]> {
	const rows = await readRows(file, {
		...{ window: "text", second: "whole", real_rps: "not negative", lstm_rps: "not negative", flag: "text?" },
	});
	return rows.map(({ flag, ...row }) => ({ ...row, interpolated: flag === "interpolated" }));
}

/** A predictor's error as IPA's paper states it. */
export interface PublishedSmape {
	readonly predictor: string;
	readonly smape_pct: number;
	/** What the paper says, or does not say, of the loads that it was computed over. */
	readonly stated_over: string;
	/** Repository, commit, page and section. */
	readonly source: string;
}

/** Reads data/raw/ipa-paper/ipa-predictor-smape.csv. Throws InputError with the line of a bad row. */
export async function readPublishedSmape(
	file = raw("ipa-paper", "ipa-predictor-smape.csv"),
): Promise<PublishedSmape[]> {
	return readRows(file, { predictor: "text", smape_pct: "not negative", stated_over: "text", source: "text" });
}
