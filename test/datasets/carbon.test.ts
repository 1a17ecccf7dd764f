import { mean } from "simple-statistics";
import { describe, expect, test } from "vitest";
import { intensitySeries, readCarbonIntensity } from "../../src/datasets/carbon.js";
import type { CarbonIntensity } from "../../src/datasets/carbonFile.js";
import { folderOf } from "./folderOf.js";

const shipped = "data/raw/carbon-intensity-2023";

describe("the shipped intensities", () => {
	// The means that the dataset's README gives.
	test("of five zones have 8760 hours each, and the means of their README", async () => {
		const intensities = await readCarbonIntensity(shipped);
		expect(intensities).toHaveLength(2 * 43_800);
		const means = { "AU-SA": 140.9, GB: 136.0, NL: 222.3, "US-CAL-CISO": 193.5, "US-TEX-ERCO": 316.5 };
		for (const [zone, expected] of Object.entries(means)) {
			const series = intensitySeries(intensities, zone, "direct");
			expect(series.values).toHaveLength(8760);
			expect(mean([...series.values])).toBeCloseTo(expected, 1);
		}
		expect(intensities.slice(0, 2)).toMatchObject([
			{
				zone: "AU-SA",
				time: { datetime_utc: "2023-01-01T00:00:00Z" },
				intensity_g_per_kwh: 17.99,
				accounting: "average",
				basis: "direct",
				estimated: false,
			},
			{
				zone: "AU-SA",
				time: { datetime_utc: "2023-01-01T00:00:00Z" },
				intensity_g_per_kwh: 64.15,
				accounting: "average",
				basis: "lifecycle",
				estimated: false,
			},
		]);
	});

	test("without dates keep their hours, and what is not stated stays so", async () => {
		const intensities = await readCarbonIntensity("data/raw/carbon-intensity-clover");
		expect(intensities).toHaveLength(147);
		expect(intensities[0]).toMatchObject({
			zone: "CISO_March",
			time: { hour: 0 },
			intensity_g_per_kwh: 124.57,
			accounting: "average",
			basis: "unstated",
		});
		expect(new Set(intensities.map(({ zone }) => zone)).size).toBe(3);
	});
});

describe("average and marginal", () => {
	const hour: CarbonIntensity = {
		zone: "GB",
		time: { hour: 0 },
		intensity_g_per_kwh: 100,
		accounting: "average",
		basis: "direct",
	};

	test("do not mix in a file", async () => {
		const units = { mean_g: "g/kWh, average, direct", next_g: "g/kWh, marginal, direct" };
		const folder = await folderOf("zone,hour,mean_g,next_g\nGB,0,100,300\n", units);
		await expect(readCarbonIntensity(folder)).rejects.toMatchObject({
			fault: {
				field: "accounting",
				rule: "must not mix average and marginal intensities",
				value: ["average", "marginal"],
			},
		});
	});

	test("do not mix in a series", () => {
		expect(() => intensitySeries([hour, { ...hour, accounting: "marginal" }], "GB", "direct")).toThrow(
			"must not mix average and marginal intensities",
		);
		expect(intensitySeries([hour], "GB", "direct")).toMatchObject({ values: Float64Array.of(100), dated: false });
		expect(() => intensitySeries([hour], "GB", "lifecycle")).toThrow("must have hours on the basis lifecycle");
	});

	test("a marginal file alone is read as such", async () => {
		const folder = await folderOf("zone,hour,g\nGB,0,300\n", { g: "g/kWh, marginal" });
		expect(await readCarbonIntensity(folder)).toMatchObject([
			{ zone: "GB", time: { hour: 0 }, intensity_g_per_kwh: 300, accounting: "marginal", basis: "unstated" },
		]);
	});
});

describe("bad hours", () => {
	const units = { g: "g/kWh, average" };
	test.each([
		["a negative intensity", "zone,hour,g\nGB,0,-1\n", { line: 2, field: "g", value: "-1" }],
		["no intensity", "zone,hour,g\nGB,0,\n", { line: 2, field: "g", rule: "must not be empty" }],
		["an hour twice", "zone,hour,g\nGB,0,1\nNL,0,1\nGB,0,2\n", { line: 4 }],
		["a day that is not", "zone,datetime_utc,g\nGB,2023-02-30 00:00:00,1\n", { line: 2, field: "datetime_utc" }],
		["a half-true", "zone,hour,g,estimated\nGB,0,1,maybe\n", { line: 2, field: "estimated", value: "maybe" }],
		["a missing column", "zone,hour,h\nGB,0,1\n", { line: 1, field: "g", rule: "column must be present" }],
	])("%s is refused", async (_, csv, fault) => {
		await expect(readCarbonIntensity(await folderOf(csv, units))).rejects.toMatchObject({ fault });
	});

	test("a folder that states no intensity is refused", async () => {
		const folder = await folderOf("zone,hour,g\nGB,0,1\n", { g: "kg" });
		await expect(readCarbonIntensity(folder)).rejects.toMatchObject({ fault: { field: "units" } });
	});
});
