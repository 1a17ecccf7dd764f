import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { footprint } from "../../src/carbon/footprint.js";
import { intensitiesFrom, intensitySeries, readCarbonIntensity } from "../../src/datasets/carbon.js";
import { folderOf } from "./folderOf.js";

const fixtures = "test/fixtures/carbon";
const average = { g: "g/kWh, average" };
const unstated = { zone: "GB", basis: "unstated" } as const;
const csvOf = (rows: readonly (readonly [string, number])[]) =>
	`zone,datetime_utc,g\n${rows.map(([at, value]) => `GB,${at},${value}`).join("\n")}\n`;
const hoursOf = (day: string, values: readonly number[]) =>
	values.map((value, h): [string, number] => [`${day} ${String(h).padStart(2, "0")}:00:00`, value]);

async function day_g(
	folder: string,
	start: string,
	hours: number,
	gaps: "refuse" | "fill" = "refuse",
): Promise<number> {
	const values = intensitiesFrom(await readCarbonIntensity(folder), { ...unstated, start, gaps });
	return footprint(new Array(hours).fill(3.6e6), 3600, values, 0).total_g;
}

describe("a kilowatt-hour an hour over a day", () => {
	test("half-hours count half", async () => {
		expect(await day_g(`${fixtures}/carbon-half-hours`, "2024-01-01T00:00:00Z", 24)).toBe(12 * 100 + 12 * 300);
	});

	test("five minutes a twelfth, newest first, and quarter-hours by an offset of their own", async () => {
		const fives = Array.from({ length: 24 }, (_, k): [string, number] => [
			`2024-01-01 0${Math.floor(k / 12)}:${String((k % 12) * 5).padStart(2, "0")}:00`,
			k < 12 ? 120 : 240,
		]);
		expect(await day_g(await folderOf(csvOf(fives.reverse()), average), "2024-01-01T00:00:00Z", 2)).toBe(360);
		const quarters = ["00", "15", "30", "45"].map((m, k): [string, number] => [`2024-01-01T02:${m}:00+02:00`, k * 10]);
		expect(await day_g(await folderOf(csvOf(quarters), average), "2024-01-01T00:00:00Z", 1)).toBe(15);
	});

	test("hours that are missing are named, or filled where the caller asks", async () => {
		const start = "2024-01-01T00:00:00Z";
		await expect(day_g(`${fixtures}/carbon-gap`, start, 12)).rejects.toThrow(
			/ci\.csv:5, .*2024-01-01T03:00:00Z to 2024-01-01T08:00:00Z are missing/,
		);
		expect(await day_g(`${fixtures}/carbon-gap`, start, 12, "fill")).toBe(1200);
		// From 09:00 on nothing is missing.
		expect(await day_g(`${fixtures}/carbon-gap`, "2024-01-01T09:00:00Z", 3)).toBe(300);
	});

	test("the hour asked for is the hour given, whatever is missing", async () => {
		const all = await readCarbonIntensity(`${fixtures}/carbon-hours-missing`);
		const from = (start: string, hours?: number) =>
			intensitiesFrom(all, { zone: "GB", basis: "lifecycle", start, ...(hours === undefined ? {} : { hours }) });
		expect(() => from("2023-01-01T05:00:00Z")).toThrow(/hourly\.csv:7, .*2023-01-01T05:00:00Z to 2023-01-01T09:00:00Z/);
		expect(() => from("2023-01-01T00:00:00Z")).toThrow("are missing (5 values)");
		expect(from("2023-01-01T01:00:00Z", 4)).toEqual([101, 102, 103, 104]);
		expect(from("2023-01-01T10:00:00Z", 2)).toEqual([110, 111]);
		expect(() => from("2023-01-02T00:00:00Z")).toThrow("must be an hour of the series");
	});

	test("a single hour, and a whole day, that is missing in a longer series", async () => {
		const days = ["2024-02-28", "2024-02-29", "2024-03-01"].flatMap((day) => hoursOf(day, new Array(24).fill(50)));
		const one = await folderOf(csvOf(days.filter((_, k) => k !== 30)), average);
		await expect(day_g(one, "2024-02-28T00:00:00Z", 72)).rejects.toThrow("2024-02-29T06:00:00Z is missing");
		const leap = await folderOf(csvOf(days.filter((_, k) => k < 24 || k >= 48)), average);
		await expect(day_g(leap, "2024-02-28T00:00:00Z", 72)).rejects.toThrow("are missing (24 values)");
		expect(await day_g(await folderOf(csvOf(days), average), "2024-02-28T00:00:00Z", 72)).toBe(72 * 50);
	});
});

describe("clocks", () => {
	const berlin = { ...average, local: "time, Europe/Berlin" };
	const local = (rows: readonly string[]) =>
		`zone,local,g\n${rows.map((at, k) => `GB,${at},${(k + 1) * 10}`).join("\n")}\n`;

	test("the hour that comes twice in autumn is two hours, in either order of the rows", async () => {
		const rows = ["2023-10-29 01:00", "2023-10-29 02:00", "2023-10-29 02:00", "2023-10-29 03:00"];
		const up = await readCarbonIntensity(await folderOf(local(rows), berlin));
		const from = { ...unstated, start: "2023-10-28T23:00:00Z" };
		expect(intensitiesFrom(up, from)).toEqual([10, 20, 30, 40]);
		const down = await readCarbonIntensity(await folderOf(local([...rows].reverse()), berlin));
		expect(intensitiesFrom(down, from)).toEqual([40, 30, 20, 10]);
	});

	test("the hour that is skipped in spring is no gap, and may not be there", async () => {
		const rows = ["2023-03-26 01:00", "2023-03-26 03:00", "2023-03-26 04:00"];
		const all = await readCarbonIntensity(await folderOf(local(rows), berlin));
		expect(intensitiesFrom(all, { ...unstated, start: "2023-03-26T00:00:00Z" })).toEqual([10, 20, 30]);
		const wrong = await folderOf(local(["2023-03-26 01:00", "2023-03-26 02:00"]), berlin);
		await expect(readCarbonIntensity(wrong)).rejects.toMatchObject({ fault: { line: 3, value: "2023-03-26 02:00" } });
	});

	test("an autumn hour that should come twice and does not, local times said to be UTC, and an unknown zone are refused", async () => {
		const once = await folderOf(local(["2023-10-29 01:00", "2023-10-29 02:00", "2023-10-29 03:00"]), berlin);
		await expect(readCarbonIntensity(once)).rejects.toThrow(/hours\.csv:3, local: must stand twice/);
		const twice = await folderOf(csvOf([...hoursOf("2023-10-29", [1, 2, 3]), ["2023-10-29 02:00:00", 4]]), average);
		await expect(readCarbonIntensity(twice)).rejects.toThrow("must not repeat the zone and hour of line 4");
		const nowhere = await folderOf(local(["2023-10-29 01:00"]), { ...average, local: "time, Europe/Nowhere" });
		await expect(readCarbonIntensity(nowhere)).rejects.toThrow("the name of a time zone");
	});
});

describe("units", () => {
	const wide = "datetime_utc,GB,FR\n2024-01-01T00:00Z,0.2,0.05\n2024-01-01T01:00Z,0.3,\n";
	test("kilograms, and a column a zone whose last values are empty", async () => {
		const all = await readCarbonIntensity(
			await folderOf(wide, { GB: "kg/kWh, average, direct", FR: "kg/kWh, average, direct" }),
		);
		expect([...intensitySeries(all, "GB", "direct").values]).toEqual([200, 300]);
		expect([...intensitySeries(all, "FR", "direct").values]).toEqual([50]);
	});

	test("kilograms a MWh are grams a kWh, pounds a MWh are less than half of that", async () => {
		const of = async (unit: string) =>
			(await readCarbonIntensity(await folderOf(csvOf(hoursOf("2024-01-01", [400])), { g: unit })))[0]
				?.intensity_g_per_kwh;
		expect(await of("kg/MWh, average")).toBe(400);
		expect(await of("lb/MWh, marginal, direct")).toBeCloseTo(181.436948, 9);
		await expect(of("kg/kWh, average")).rejects.toThrow("is the unit the one stated?");
	});
});

describe("files as their providers give them", () => {
	const fileOf = async (name: string, text: string) => {
		const file = join(await mkdtemp(join(tmpdir(), "provider-")), name);
		await writeFile(file, text);
		return file;
	};
	const read = async (name: string, text: string) => readCarbonIntensity(await fileOf(name, text));
	const em = (datetime: string, carbonIntensity: number | null, isEstimated = false) => ({
		zone: "DE",
		carbonIntensity,
		datetime,
		updatedAt: datetime,
		emissionFactorType: "lifecycle",
		isEstimated,
		estimationMethod: null,
	});

	test("Electricity Maps' history and past range, newest first; an hour without a value is missing", async () => {
		const rows = [
			em("2024-01-01T02:00:00.000Z", 300, true),
			em("2024-01-01T01:00:00.000Z", 200),
			em("2024-01-01T00:00:00.000Z", 100),
		];
		for (const key of ["history", "data"]) {
			const series = intensitySeries(
				await read("em.json", JSON.stringify({ zone: "DE", [key]: rows })),
				"DE",
				"lifecycle",
			);
			expect(series).toMatchObject({ values: Float64Array.of(100, 200, 300), accounting: "average" });
			expect(series.estimated_share).toBeCloseTo(1 / 3, 12);
		}
		const holed = JSON.stringify({ zone: "DE", data: [rows[2], em("2024-01-01T01:00:00.000Z", null), rows[0]] });
		const all = await read("em.json", holed.replace("02:00:00.000Z", "03:00:00.000Z"));
		expect(intensitySeries(all, "DE", "lifecycle", { gaps: "fill" }).values).toHaveLength(2);
	});

	test("Electricity Maps' yearly CSV, both headers of the years", async () => {
		const old =
			"Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA),Low Carbon Percentage,Renewable Percentage,Data Source,Data Estimated,Data Estimation Method\n2023-01-01 00:00:00,Germany,Germany,DE,250.5,300.25,60,55,x,false,\n2023-01-01 01:00:00,Germany,Germany,DE,240,290,60,55,x,true,TSA\n";
		const now = old
			.replace("Zone Name,Zone Id", "Zone name,Zone id")
			.replace("(LCA)", "(Life cycle)")
			.replace("Data Estimated", "Data estimated");
		for (const text of [old, now]) {
			const all = await read("DE_2023_hourly.csv", text);
			expect([...intensitySeries(all, "DE", "direct").values]).toEqual([250.5, 240]);
			expect(intensitySeries(all, "DE", "lifecycle")).toMatchObject({
				values: Float64Array.of(300.25, 290),
				estimated_share: 0.5,
			});
		}
	});

	test("Great Britain's API: half-hours, a forecast where there is no actual value yet, regions", async () => {
		const half = (from: string, to: string, forecast: number, actual: number | null) => ({
			from,
			to,
			intensity: { forecast, actual, index: "low" },
		});
		const data = [
			half("2024-01-01T00:00Z", "2024-01-01T00:30Z", 90, 100),
			half("2024-01-01T00:30Z", "2024-01-01T01:00Z", 110, null),
		];
		const all = await read("gb.json", JSON.stringify({ data }));
		expect(intensitySeries(all, "GB", "direct")).toMatchObject({ interval_s: 1800, estimated_share: 0.5 });
		expect(intensitiesFrom(all, { zone: "GB", basis: "direct", start: "2024-01-01T00:00:00Z" })).toEqual([105]);
		const region = {
			regionid: 13,
			shortname: "London",
			data: data.map(({ intensity: { forecast }, ...rest }) => ({ ...rest, intensity: { forecast } })),
		};
		for (const body of [{ data: region }, { data: [region] }])
			expect([...intensitySeries(await read("r.json", JSON.stringify(body)), "GB London", "direct").values]).toEqual([
				90, 110,
			]);
		const csv = await read(
			"n.csv",
			"DATETIME,GAS,CARBON_INTENSITY\n2024-01-01 00:00:00,1,100\n2024-01-01 00:30:00,1,104\n",
		);
		expect([...intensitySeries(csv, "GB", "direct").values]).toEqual([100, 104]);
	});

	test("WattTime: marginal, pounds a MWh, five minutes; its average signal is told apart", async () => {
		const point = (k: number, value: number) => ({
			point_time: `2024-01-01T00:${String(k * 5).padStart(2, "0")}:00+00:00`,
			value,
		});
		const three = {
			meta: { region: "CAISO_NORTH", signal_type: "co2_moer", units: "lbs_co2_per_mwh" },
			data: [point(0, 1000), point(1, 500)],
		};
		const moer = intensitySeries(await read("wt.json", JSON.stringify(three)), "CAISO_NORTH", "direct");
		expect(moer).toMatchObject({ accounting: "marginal", interval_s: 300 });
		expect(moer.values[0]).toBeCloseTo(453.59237, 9);
		const two = three.data.map((p) => ({
			...p,
			datatype: "MOER",
			frequency: 300,
			market: "RTM",
			ba: "CAISO_NORTH",
			version: "3.0",
		}));
		expect((await read("v2.json", JSON.stringify(two)))[1]).toMatchObject({
			accounting: "marginal",
			zone: "CAISO_NORTH",
		});
		const csv = await read(
			"CAISO_NORTH_2024-01_MOER.csv",
			"timestamp,MOER,MOER version\n2024-01-01 00:00:00+00:00,1000,3.0\n",
		);
		expect(csv[0]).toMatchObject({ zone: "CAISO_NORTH", accounting: "marginal" });
		const aoer = await read("a.json", JSON.stringify({ ...three, meta: { ...three.meta, signal_type: "co2_aoer" } }));
		expect(() => intensitySeries([...aoer, ...csv], "CAISO_NORTH", "direct")).toThrow("must not mix");
		const health = JSON.stringify({ ...three, meta: { ...three.meta, signal_type: "health_damage", units: "usd" } });
		await expect(read("h.json", health)).rejects.toThrow("meta.signal_type");
	});

	test.each([
		["x.json", '{"data":[]}', "must be of Electricity Maps"],
		["x.json", '{"zone":"DE","history":[', "must be JSON"],
		["x.json", '{"zone":"DE","history":[{"carbonIntensity":-5,"datetime":"2024-01-01T00:00Z"}]}', "history"],
		["x.csv", "a,b\n1,2\n", "must be of Electricity Maps"],
		["x.csv", "timestamp,MOER\n2024-01-01 25:00,1\n", "that the calendar has"],
	])("%s: %s is refused", async (name, text, message) => {
		await expect(read(name, text)).rejects.toThrow(message === "history" ? /carbonIntensity|>=0/ : message);
	});
});
