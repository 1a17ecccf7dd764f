import { describe, expect, test } from "vitest";
import { readCarbonIntensity } from "../../src/datasets/carbon.js";
import {
	readFootprintFactors,
	readGridYear,
	readPrices,
	readPriceYear,
	yearFactor,
} from "../../src/datasets/gridYear.js";
import { folderOf } from "./folderOf.js";

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe("years of a grid", () => {
	// Means of the four years that docs/levers.md quotes.
	test.each([
		["GB", 136],
		["CA-ON", 43],
		["IN-WE", 687],
	])("%s, direct, 2021 to 2024: %d g/kWh", async (zone, expected) => {
		const all = await readCarbonIntensity("data/raw/carbon-intensity-direct-2021-2024", { zones: [zone] });
		expect(all).toHaveLength(35_064);
		expect(Math.round(mean(all.map((each) => each.intensity_g_per_kwh)))).toBe(expected);
	});

	test("a leap year has 8784 hours, another 8760; a zone and a year that are not there are named", async () => {
		for (const [year, hours] of [
			[2023, 8760],
			[2024, 8784],
		] as const)
			expect((await readGridYear({ zone: "GB", basis: "direct", year })).series.values).toHaveLength(hours);
		await expect(readGridYear({ zone: "XX", basis: "direct", year: 2024 })).rejects.toThrow("must be one of AU-NSW");
		await expect(readGridYear({ zone: "GB", basis: "direct", year: 2020 })).rejects.toThrow("must be one that GB has");
		const { series } = await readGridYear({ zone: "NL", basis: "lifecycle", year: 2023 });
		expect(series.estimated_share).toBeDefined();
		const { value, low, high } = yearFactor(series, "g/kWh", "x");
		expect(low < value && value < high).toBe(true);
	});

	test("prices may be negative, are per kWh, and are missing where nobody gives them", async () => {
		const prices = await readPriceYear("DE-LU", 2024);
		expect(Math.min(...(prices?.values ?? []))).toBeLessThan(0);
		expect(mean(prices?.values ?? [])).toBeGreaterThan(0.05);
		expect(mean(prices?.values ?? [])).toBeLessThan(0.12);
		expect(await readPriceYear("GB", 2024)).toBeUndefined();
		const own = await folderOf("datetime_utc,NL\n2024-01-01T01:00Z,-50\n2024-01-01T00:00Z,100\n", {
			NL: "EUR/MWh, wholesale",
		});
		expect(await readPrices(own)).toMatchObject([{ zone: "NL", currency: "EUR", values: Float64Array.of(0.1, -0.05) }]);
		await expect(readPrices(await folderOf("datetime_utc,NL\n2024-01-01T01:00Z,1\n", { NL: "EUR" }))).rejects.toThrow(
			"units",
		);
	});

	test("all sixteen zones, a year, hourly, within seconds", async () => {
		const before = process.cpuUsage();
		const all = await readCarbonIntensity("data/raw/carbon-intensity-lifecycle-2021-2024");
		expect(new Set(all.map(({ zone }) => zone)).size).toBe(16);
		// Of the processor, not of the clock: others may use the machine.
		const { user, system } = process.cpuUsage(before);
		expect((user + system) / 1e6).toBeLessThan(20);
	});
});

test("footprint factors: a PUE below 1 and a range the wrong way round are named", async () => {
	const { pue, hardware } = await readFootprintFactors();
	expect([pue.low, pue.value, pue.high]).toEqual([1.1, 1.58, 1.59]);
	expect([...hardware.keys()]).toEqual(["cpu-core", "a100"]);
	await expect(readFootprintFactors("data/energy-coefficients.yaml")).rejects.toThrow("data/energy-coefficients.yaml");
});
