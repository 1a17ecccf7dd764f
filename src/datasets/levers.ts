import { join } from "node:path";
import type { SproutHour } from "../directives/sproutMonth.js";
import { InputError } from "../errors.js";
import type { SliceTimes } from "../sharing/miso.js";
import type { Slice } from "../sharing/partitions.js";
import type { TraceJob } from "../sharing/schedule.js";
import { type CsvRow, readCsv } from "./csv.js";
import { numberField, textField } from "./field.js";
import { packageRoot } from "./root.js";

const raw = (...path: readonly string[]) => join(packageRoot, "data", "raw", ...path);

/** A zone's month of SPROUT's evaluation: 720 hours of 2023 from `start_hour` on. */
export interface SproutRun {
	readonly region: string;
	readonly start_hour: number;
	readonly hours: readonly SproutHour[];
}

/** The 15 zone-months of data/raw/sprout-directives, in their order. */
export async function readSproutRuns(): Promise<SproutRun[]> {
	const { rows } = await readCsv(raw("sprout-directives", "sprout-hourly.csv.gz"));
	const levels = (row: CsvRow, name: (level: number) => string) =>
		[0, 1, 2].map((level) => numberField(row, name(level), "not negative"));
	const runs = new Map<string, { region: string; start_hour: number; hours: SproutHour[] }>();
	for (const row of rows) {
		const region = textField(row, "region");
		const start_hour = numberField(row, "start_hour", "whole");
		const key = `${region} ${start_hour}`;
		const run = runs.get(key) ?? { region, start_hour, hours: [] };
		runs.set(key, run);
		run.hours.push({
			intensity_g_per_kwh: numberField(row, "intensity", "not negative"),
			energy_kwh: levels(row, (k) => `e${k}_kwh`),
			time_s: levels(row, (k) => `t${k}_s`),
			quality: levels(row, (k) => `q${k}`),
			trueQuality: levels(row, (k) => `true_q${k}`),
			base_g: numberField(row, "base_g", "positive"),
		});
	}
	return [...runs.values()];
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
