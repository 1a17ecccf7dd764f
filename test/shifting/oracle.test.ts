import { describe, expect, test } from "vitest";
import { intensitySeries, readCarbonIntensity } from "../../src/datasets/carbon.js";
import { readCsv } from "../../src/datasets/csv.js";
import { batchSaving, nightly, shiftedJob } from "../../src/shifting/letsWaitAwhile.js";
import { oracle } from "../oracle.js";

type Constraint = "next_workday" | "semi_weekly";
interface Batch {
	readonly zone: string;
	readonly constraint: Constraint;
	readonly interruptible: boolean;
}
interface Cases {
	readonly nightly: readonly {
		readonly case: { readonly zone: string; readonly window_steps: number };
		readonly expected: { readonly mean_intensity_g_per_kwh: number; readonly saved_pct: number };
	}[];
	readonly batch: readonly {
		readonly case: Batch;
		readonly expected: {
			readonly baseline_sum_intensity: number;
			readonly saved_pct: number;
			readonly saved_pct_authors_simulator: number | null;
		};
	}[];
	readonly job: readonly {
		readonly case: Batch & { readonly start_minute_of_2020: number; readonly duration_min: number };
		readonly expected: {
			readonly slack_min: number;
			readonly slots: readonly number[];
			readonly sum_intensity: number;
			readonly sum_intensity_unshifted: number;
		};
	}[];
}

const cases = oracle<Cases>("shift");
const rules = { next_workday: "next workday", semi_weekly: "Monday or Thursday" } as const;
const all = await readCarbonIntensity("data/raw/carbon-intensity-2020");
const values = new Map(
	["germany", "great_britain", "france"].map((zone) => [zone, intensitySeries(all, zone, "lifecycle").values]),
);
const jobs = (await readCsv("data/raw/letswaitawhile/letswaitawhile-jobs.csv")).rows.map(({ values: row }) => ({
	start_min: Number(row.start_minute_of_2020),
	duration_min: Number(row.duration_min),
}));
const of = (zone: string): Float64Array => values.get(zone) as Float64Array;

test.each(cases.nightly)("nightly $case", ({ case: { zone, window_steps }, expected }) => {
	const mean = nightly(of(zone), window_steps);
	expect(mean).toBeCloseTo(expected.mean_intensity_g_per_kwh, 4);
	expect(100 * (1 - mean / nightly(of(zone), 0))).toBeCloseTo(expected.saved_pct, 4);
});

describe("all batch jobs", () => {
	test.each(cases.batch)("$case", ({ case: { zone, constraint, interruptible }, expected }) => {
		const { atOnce, saved } = batchSaving(of(zone), jobs, { rule: rules[constraint], interruptible });
		expect(atOnce / expected.baseline_sum_intensity - 1).toBeCloseTo(0, 6);
		expect(100 * saved).toBeCloseTo(expected.saved_pct, 4);
		if (expected.saved_pct_authors_simulator !== null)
			expect(Math.abs(100 * saved - expected.saved_pct_authors_simulator)).toBeLessThan(0.15);
	});
});

test.each(cases.job)("job $case", ({ case: { zone, constraint, interruptible, ...job }, expected }) => {
	const given = { start_min: job.start_minute_of_2020, duration_min: job.duration_min };
	const { slack_min, slots, sum, atOnce } = shiftedJob(of(zone), given, { rule: rules[constraint], interruptible });
	expect(slack_min).toBe(expected.slack_min);
	expect(interruptible ? slots.slots : [slots.slots[0], slots.slots.at(-1)]).toEqual(expected.slots);
	expect(sum / expected.sum_intensity - 1).toBeCloseTo(0, 6);
	expect(atOnce / expected.sum_intensity_unshifted - 1).toBeCloseTo(0, 6);
});
