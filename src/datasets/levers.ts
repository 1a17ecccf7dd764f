import { join } from "node:path";
import type { SproutHour } from "../directives/sproutMonth.js";
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
