import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameViewReading } from "../../src/datasets/frameView.js";
import { readCellsCsv } from "../../src/datasets/readEvidence.js";
import { readWindows } from "../../src/datasets/trace.js";
import { outcomeOf, parseNvidiaLine } from "../../src/energy/nvidiaSmi.js";
import { parsePerfIntervals } from "../../src/energy/perfOutput.js";
import { calendarInstant, ceilingOf, clockFault, decimal, isInstant } from "../../src/energy/plausible.js";
import { readingOfSeries } from "../../src/energy/prometheus.js";
import { scrapedCount } from "../../src/energy/prometheusApi.js";
import { type DomainEnergy, readingOf } from "../../src/energy/reading.js";

const faults = "test/fixtures/faults";
const linesOf = (text: string) => text.trim().split("\n").map(parseNvidiaLine);

describe("what a number, an instant and a watt can be", () => {
	test.each([
		"0x46",
		"",
		" ",
		"Infinity",
		"-Infinity",
		"NaN",
		"1_000",
		"1,5",
		"1e999",
		"7".repeat(41),
		"0b1",
		".",
		"1.",
	])("%j is no number of a tool", (text) => expect(decimal(text)).toBeUndefined());
	test("plain numbers are read as they are", () =>
		fc.assert(
			fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
				expect(decimal(String(value))).toBe(Object.is(value, -0) ? 0 : value);
			}),
		));
	test("a month 13, a 30th of February, a 25th hour and milliseconds for seconds are no instants", () => {
		expect(calendarInstant([2024, 13, 1])).toBeUndefined();
		expect(calendarInstant([2023, 2, 30])).toBeUndefined();
		expect(calendarInstant([2024, 2, 29, 25])).toBeUndefined();
		expect(calendarInstant([1970, 1, 1])).toBeUndefined();
		expect(calendarInstant([2024, 2, 29, 23, 59, 59, 999])).toBe(Date.UTC(2024, 1, 29, 23, 59, 59, 999) / 1000);
		expect([isInstant(1.7e9), isInstant(1.7e12), isInstant(0)]).toEqual([true, false, false]);
	});
	test("a limit that the machine tells lowers the ceiling, never raises it", () => {
		expect(ceilingOf("board", 400)).toBe(800);
		expect(ceilingOf("board", 1e9)).toBe(ceilingOf("board"));
		expect(ceilingOf("package", 0)).toBe(ceilingOf("package"));
	});
	test("a source's clock may differ by a start, not by half of the window", () => {
		const own = { inner_s: 10, outer_s: 10.2 };
		expect([9.9, 10.3, 5].map((source_s) => clockFault(source_s, own))).toEqual([undefined, undefined, undefined]);
		for (const source_s of [991612, 12, 3.9, 1e-9]) expect(clockFault(source_s, own)).toContain("its own clock says");
	});
});

describe("a reading", () => {
	const domain = (change: Partial<DomainEnergy> = {}): DomainEnergy => ({
		domain: "package-0",
		covers: "package",
		energy_j: 50,
		resolution_j: 0.1,
		wraps: 0,
		inTotal: true,
		...change,
	});
	const reading = (...domains: DomainEnergy[]) => readingOf("p", { domains, totalRule: "", duration_s: 1, samples: 2 });
	test("of more than what a domain can draw, or with a resolution that is none, is refused", () => {
		expect(reading(domain({ energy_j: 2500 }))).toMatchObject({ cause: "malformed", reason: /more than 1000 W/ });
		expect(reading(domain({ resolution_j: Number.POSITIVE_INFINITY }))).toMatchObject({ cause: "malformed" });
		expect(reading(domain({ covers: "node", energy_j: 2500 }))).toMatchObject({ status: "reading" });
	});
	test("leaves a domain beside its total out, with the reason, where that is no energy", () => {
		const psys = domain({ domain: "psys", covers: "psys", inTotal: false, energy_j: Number.NaN });
		expect(reading(domain(), psys)).toMatchObject({
			energy_j: 50,
			domains: [{ domain: "package-0" }],
			caveats: [expect.stringContaining("left out: psys counted NaN J")],
		});
	});
});

describe("inputs that gave wrong joules", () => {
	test.each([
		["nvidia-power-99999.txt", "malformed"],
		["nvidia-power-hex.txt", "malformed"],
		["nvidia-date-impossible.txt", "malformed"],
	])("%s is refused", (file, cause) =>
		expect(outcomeOf(linesOf(readFileSync(join(faults, file), "utf8")), true)).toMatchObject({
			status: "refused",
			cause,
		}),
	);
	const sound = readFileSync(join(faults, "nvidia-power-hex.txt"), "utf8").replaceAll("0x46", "70.00");
	test("the same lines with 70 W are read", () =>
		expect(outcomeOf(linesOf(sound), true)).toMatchObject({ status: "reading" }));
	test.each(["1e3", "2001.00", "1e308", " "])("so is a power of %j W", (power) => {
		const outcome = outcomeOf(linesOf(sound.replace("70.00", power)), true);
		if (power === "1e3") expect(outcome.status).toBe("reading");
		else expect(outcome).toMatchObject({ status: "refused", cause: "malformed" });
	});
	test("a power far above what the board says that it can be set to is refused", () => {
		const limits_w = new Map([["GPU-a", 30]]);
		expect(outcomeOf(linesOf(sound), true, { limits_w })).toMatchObject({ cause: "malformed", reason: /60 W/ });
	});
	test("a recording of 1e308 W by FrameView is refused", async () =>
		expect(await frameViewReading(join(faults, "frameview-power-1e308.csv"))).toMatchObject({
			status: "refused",
			cause: "malformed",
		}));
	test("an interval of perf's log with more than the sockets can draw, a negative or a hexadecimal count is an error of its line", () => {
		const log = (value: string) =>
			`1.000100000 ${value} Joules power/energy-pkg/\n2.000200000 80.00 Joules power/energy-pkg/\n`;
		expect(parsePerfIntervals("p", log("80.00"))).toHaveLength(1);
		for (const value of ["5,020.00", "1e308", "-5.00", "99999999.00"])
			expect(() => parsePerfIntervals("p", log(value))).toThrow(/^p:1: malformed/);
		const json = '{"interval" : 1.0, "counter-value" : "0x46", "unit" : "Joules", "event" : "power/energy-pkg/"}\n';
		expect(() => parsePerfIntervals("p", json)).toThrow(/^p:1: malformed/);
	});
	test("a count above 2^31 - 1 is an error, and so are an index and a rate", async () => {
		await expect(readWindows(join(faults, "windows-count-above-int32.csv"))).rejects.toThrow(
			/csv:2, raw_count: must be at most 2147483647, received 3000000000/,
		);
		const folder = mkdtempSync(join(tmpdir(), "windows-"));
		const header = "window,second,segment,trace_index,raw_count,rps_damped8";
		for (const [row, field] of [
			["a,0,0,2147483648,1,1", "trace_index"],
			["a,0,0,1,1,4294967296", "rps_damped8"],
		]) {
			const file = join(folder, "w.csv");
			writeFileSync(file, `${header}\n${row}\n`);
			await expect(readWindows(file)).rejects.toThrow(`${file}:2, ${field}: must be at most`);
		}
	});
	test("an energy of a cell that no run ever used is an error, by request or by batch", async () => {
		await expect(readCellsCsv(join(faults, "cells-energy-overflows.csv"))).rejects.toThrow(
			/csv:2, energy_j_per_request: must be at most/,
		);
		const file = join(mkdtempSync(join(tmpdir(), "cells-")), "c.csv");
		const row = (columns: string, values: string) =>
			writeFileSync(
				file,
				`hardware,device,variant,allocation,batch,kind,${columns}\nn,cpu,v,2,100,measured,${values}\n`,
			);
		row("energy_j_per_batch", "1e300");
		await expect(readCellsCsv(file)).rejects.toThrow("energy_j_per_batch: must be at most");
		row("energy_j_per_request,power_w", "5,1e12");
		await expect(readCellsCsv(file)).rejects.toThrow("power_w: must be at most");
	});
	test("a scrape that brings more than a node can draw is malformed, not a reset and not joules", () => {
		const metric = { selector: "", joules: 1, covers: () => "package" as const, domain: () => "n" };
		const series = (values: number[]) => ({ labels: {}, time_s: values.map((_, i) => 15 * i), values });
		expect(
			readingOfSeries({ name: "kepler", totalRule: "" }, metric, [series([0, 100, 1e7, 1e7 + 100])]),
		).toMatchObject({
			status: "refused",
			cause: "malformed",
		});
		expect(scrapedCount(series([0, 100, 300]), 20)).toMatchObject({ status: "counted", counted: 300 });
	});
});
