import { join } from "node:path";
import type { SproutHour } from "../directives/sprout.js";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import type { BandwidthSample, LatencyPoint } from "../scaling/sponge.js";
import type { MpsSample, SliceTimes } from "../sharing/miso.js";
import type { TraceJob } from "../sharing/misoSchedule.js";
import type { Slice } from "../sharing/partitions.js";
import type { BatchJob } from "../shifting/letsWaitAwhile.js";
import { type CsvRow, readCsv } from "./csv.js";
import { numberField, textField } from "./field.js";
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
	const { rows } = await readCsv(raw("sprout-directives", "sprout-hourly.csv.gz"));
	const levels = (row: CsvRow, name: (level: number) => string) =>
		[0, 1, 2].map((level) => numberField(row, name(level), "not negative"));
	interface Reading {
		readonly region: string;
		readonly start_hour: number;
		readonly hours: SproutHour[];
		lp_g: number;
		quality: number;
	}
	const runs = new Map<string, Reading>();
	for (const row of rows) {
		const region = textField(row, "region");
		const start_hour = numberField(row, "start_hour", "whole");
		const key = `${region} ${start_hour}`;
		const run = runs.get(key) ?? { region, start_hour, hours: [], lp_g: 0, quality: 0 };
		runs.set(key, run);
		const mix = levels(row, (k) => `x${k}`);
		const trueQuality = levels(row, (k) => `true_q${k}`);
		run.lp_g += numberField(row, "lp_g", "positive");
		run.quality += mix.reduce((sum, share, k) => sum + share * trueQuality[k]!, 0) / trueQuality[0]!;
		run.hours.push({
			intensity_g_per_kwh: numberField(row, "intensity", "not negative"),
			energy_kwh: levels(row, (k) => `e${k}_kwh`),
			time_s: levels(row, (k) => `t${k}_s`),
			quality: levels(row, (k) => `q${k}`),
			trueQuality,
			base_g: numberField(row, "base_g", "positive"),
		});
	}
	return [...runs.values()].map(({ region, start_hour, hours, lp_g, quality }) => ({
		region,
		start_hour,
		hours,
		published: {
			saved: 1 - lp_g / hours.reduce((sum, { base_g }) => sum + base_g, 0),
			quality: quality / hours.length,
		},
	}));
}

/** MISO's 100 jobs, with their times by slice (data/raw/miso): seconds an iteration rounded as its scheduler rounds them. */
export async function readMisoJobs(): Promise<TraceJob[]> {
	const profiles = await readMisoTimes();
	const { rows } = await readCsv(raw("miso", "miso-jobs-100.csv"));
	return rows.map((row) => {
		const name = `${textField(row, "workload")}-${textField(row, "batch")}`;
		const times = profiles.get(name);
		if (times === undefined)
			throw new InputError({
				file: row.file,
				line: row.line,
				field: "workload",
				rule: "must have a profile",
				value: name,
			});
		return { name, runtime_s: numberField(row, "runtime_s_on_7g", "positive"), times };
	});
}

/** Time of each workload and batch by slice, relative to the slowest of 7g, 4g and 3g, to four decimals as in MISO. */
export async function readMisoTimes(): Promise<Map<string, SliceTimes>> {
	const { rows } = await readCsv(raw("miso", "miso-a100-mig-training.csv"));
	const seconds = new Map<string, Map<Slice, number>>();
	for (const row of rows) {
		const name = `${textField(row, "workload")}-${textField(row, "batch")}`;
		const of = seconds.get(name) ?? new Map<Slice, number>();
		seconds.set(
			name,
			of.set(Number.parseInt(textField(row, "mig_slice"), 10) as Slice, numberField(row, "miso_mean_s", "positive")),
		);
	}
	return new Map(
		[...seconds].map(([name, of]) => {
			const slowest = Math.max(...([7, 4, 3] as const).map((slice) => of.get(slice) ?? 0));
			return [name, Object.fromEntries([...of].map(([slice, s]) => [slice, Math.round((s / slowest) * 1e4) / 1e4]))];
		}),
	);
}

/** The 3,387 batch jobs of Let's Wait Awhile. */
export async function readBatchJobs(): Promise<BatchJob[]> {
	const { rows } = await readCsv(raw("letswaitawhile", "letswaitawhile-jobs.csv"));
	return rows.map((row) => ({
		start_min: numberField(row, "start_minute_of_2020", "whole"),
		duration_min: numberField(row, "duration_min", "positive integer"),
	}));
}

/** The network of a bus that Sponge's runs went over, a sample a second. */
export async function readBusNetwork(): Promise<BandwidthSample[]> {
	const { rows } = await readCsv(raw("sponge", "sponge-4g-bus-trace.csv"));
	return rows.map((row) => ({
		bytes: numberField(row, "bytes", "not negative"),
		interval_ms: numberField(row, "interval_ms", "positive"),
	}));
}

/** Sponge's 30 points of latency by batch and cores. */
export async function readSpongeLatencies(): Promise<LatencyPoint[]> {
	const { rows } = await readCsv(raw("sponge", "sponge-latency-profile.csv"));
	return rows.map((row) => ({
		batch: numberField(row, "batch", "positive integer"),
		cores: numberField(row, "cores", "positive integer"),
		latency_s: numberField(row, "latency_s", "positive"),
	}));
}

/** Means of a run of Sponge's own log, its first six steps (the start) left out. */
export interface SpongeRun {
	readonly run: string;
	readonly mean_cores: number;
	readonly infeasible_share: number;
}

/** Sponge's three logged runs. */
export async function readSpongeRuns(): Promise<SpongeRun[]> {
	const { rows } = await readCsv(raw("sponge", "sponge-runs.csv"));
	const logged = rows.filter((row) => numberField(row, "step", "whole") >= 6);
	return [...groupBy(logged, (row) => textField(row, "run"))].map(([run, steps]) => {
		const mean = (of: (row: CsvRow) => number) => steps.reduce((sum, row) => sum + of(row), 0) / steps.length;
		return {
			run,
			mean_cores: mean((row) => numberField(row, "cores", "positive integer")),
			// It prints 1 ms where nothing was feasible.
			infeasible_share: mean((row) => (row.values.expected_latency_ms === "1" ? 1 : 0)),
		};
	});
}

/** Mean time of an inference with n tenants that keep one GPU busy, s, by strategy. */
export async function readSharingTimes(): Promise<{ strategy: string; tenants: number; mean_s: number }[]> {
	const { rows } = await readCsv(raw("gpu-sharing-yolos", "gpu-sharing-yolos.csv"));
	return rows.map((row) => ({
		strategy: textField(row, "strategy"),
		tenants: numberField(row, "tenants", "positive integer"),
		mean_s: numberField(row, "mean_inference_s", "positive"),
	}));
}

/** Jobs of MISO's mixes under MPS, with their times by slice, relative to the slowest of 7g, 4g and 3g. */
export async function readMpsSamples(): Promise<MpsSample[]> {
	const times = await readMisoTimes();
	const { rows } = await readCsv(raw("miso", "miso-mps-mixes.csv"));
	return rows.flatMap((row) => {
		const own = times.get(`${textField(row, "workload")}-${textField(row, "batch")}`);
		if (own === undefined) return [];
		const at = (column: string) => numberField(row, column, "positive");
		return [
			{
				mix: numberField(row, "mix", "whole"),
				mps: [at("mps_100"), at("mps_50"), at("mps_14")] as const,
				mig: [own[7]!, own[4]!, own[3]!] as const,
			},
		];
	});
}
