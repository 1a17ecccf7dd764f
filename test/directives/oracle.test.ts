import { expect, test } from "vitest";
import { intensitySeries, readCarbonIntensity } from "../../src/datasets/carbon.js";
import { readSproutRuns } from "../../src/datasets/publishedTables.js";
import { assessmentHours, directiveMix, sproutMonth } from "../../src/directives/sprout.js";
import { oracle } from "../oracle.js";

interface Cases {
	readonly lp: readonly {
		readonly case: {
			readonly intensity: number;
			readonly intensity_min: number;
			readonly intensity_max: number;
			readonly xi: number;
			readonly energy_kwh: readonly number[];
			readonly time_s: readonly number[];
			readonly quality: readonly number[];
			readonly embodied_g_per_s: number;
		};
		readonly expected: {
			readonly status?: "infeasible";
			readonly x: readonly number[];
			readonly objective_g: number;
			readonly quality_floor: number;
			readonly quality: number;
		};
	}[];
	readonly assess: readonly {
		readonly case: {
			readonly decay_per_hour: number;
			readonly grace_hours: number;
			readonly max_idle_hours: number;
			readonly intensities: readonly number[];
		};
		readonly expected: { readonly hours: readonly number[] };
	}[];
	readonly headline: readonly {
		readonly region: string;
		readonly start_hour: number;
		readonly lp: { readonly carbon_saved_pct: number; readonly quality_pct: number };
		readonly co2opt: { readonly carbon_saved_pct: number };
	}[];
}

const cases = oracle<Cases>("sprout");

test.each(cases.lp)("mix $#", ({ case: { intensity, ...rest }, expected }) => {
	const mix = directiveMix({ intensity_g_per_kwh: intensity, ...rest });
	expect(mix.status).toBe(expected.status ?? "optimal");
	if (mix.status === "infeasible") return;
	mix.shares.forEach((share, k) => {
		expect(Math.abs(share - expected.x[k]!)).toBeLessThan(1e-7);
	});
	expect(mix.grams_per_request / expected.objective_g - 1).toBeCloseTo(0, 8);
	expect(mix.quality_floor).toBeCloseTo(expected.quality_floor, 9);
	expect(mix.quality).toBeCloseTo(expected.quality, 7);
});

test.each(cases.assess)("assessed again $#", ({ case: { intensities, ...rule }, expected }) => {
	expect(assessmentHours(intensities, rule)).toEqual(expected.hours);
});

const runs = await readSproutRuns();
const intensities = await readCarbonIntensity("data/raw/carbon-intensity-2023");
const zones: Readonly<Record<string, string>> = { "US-TEX": "US-TEX-ERCO", "US-CAL": "US-CAL-CISO" };

test.each(cases.headline)("$region from hour $start_hour", ({ region, start_hour, lp }) => {
	const run = runs.find((each) => each.region === region && each.start_hour === start_hour);
	const { values } = intensitySeries(intensities, zones[region] ?? region, "direct");
	expect(run?.hours).toHaveLength(720);
	expect(run?.hours[5]?.intensity_g_per_kwh).toBe(values[start_hour + 5]);
	const { saved, quality } = sproutMonth(run?.hours ?? [], { min: Math.min(...values), max: Math.max(...values) });
	expect(Math.abs(100 * saved - lp.carbon_saved_pct)).toBeLessThan(0.1);
	expect(Math.abs(100 * quality - lp.quality_pct)).toBeLessThan(0.1);
});
