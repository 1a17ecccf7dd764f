import fc from "fast-check";
import { expect, test } from "vitest";
import { isoSeconds, readInstant } from "../../src/carbon/instants.js";
import { hourlyFrom, regularSeries, sliceSeries } from "../../src/carbon/series.js";

const hour = 3_600_000;
const name = "x";
const points = (values: readonly number[], step_ms = hour, start_ms = 0) =>
	values.map((value, k) => ({ at_ms: start_ms + k * step_ms, value, line: k + 2 }));

test("the order of the points does not matter, and the interval is found", () => {
	fc.assert(
		fc.property(
			fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 3, maxLength: 40 }),
			fc.constantFrom(5, 15, 30, 60, 180, 1440),
			fc.integer(),
			(values, minutes, seed) => {
				const given = points(values, minutes * 60_000, Date.UTC(2024, 1, 28));
				const shuffled = given
					.map((point, k) => ({ point, key: Math.sin(seed + k) }))
					.sort((a, b) => a.key - b.key)
					.map(({ point }) => point);
				const series = regularSeries(shuffled, { name });
				expect([...series.values]).toEqual(values);
				expect([series.interval_s, series.start_ms]).toEqual([minutes * 60, given[0]?.at_ms]);
			},
		),
	);
});

test("what is missing is named with its line, or put between its neighbours and told", () => {
	const given = points([1, 2, 3, 4, 5, 6]).filter((_, k) => k !== 2 && k !== 3);
	expect(() => regularSeries(given, { name })).toThrow(
		/x:6, .*1970-01-01T02:00:00Z to 1970-01-01T03:00:00Z are missing/,
	);
	expect(regularSeries(given, { name, gaps: "fill" })).toMatchObject({
		values: Float64Array.of(1, 2, 3, 4, 5, 6),
		filled: [2, 3],
	});
});

test("what is missing outside the part that is wanted does not matter", () => {
	const given = points([1, 2, 3, 4, 5, 6]).filter((_, k) => k !== 1);
	expect([...regularSeries(given, { name, from_ms: 2 * hour, to_ms: 4 * hour }).values]).toEqual([3, 4]);
	expect(() => regularSeries(given, { name, from_ms: 0 })).toThrow("T01:00:00Z is missing");
	expect(() => regularSeries(given, { name, from_ms: hour })).toThrow("T01:00:00Z is missing");
});

test("a time twice, off the grid, or at an interval that no day is a multiple of is refused", () => {
	expect(() => regularSeries([...points([1, 2]), { at_ms: hour, value: 3, line: 9 }], { name })).toThrow(
		"must not repeat the time of line 3",
	);
	expect(() => regularSeries([...points([1, 2, 3]), { at_ms: 2.5 * hour, value: 3 }], { name })).toThrow(
		"must be a whole number of steps of 60 min",
	);
	expect(() => regularSeries(points([1, 2, 3], 7 * 60_000), { name })).toThrow("that a day is a multiple of");
	expect(() => regularSeries([], { name })).toThrow("at least one value");
});

test("a leap year has 8784 hours, and one more 28 February is not one", () => {
	const year = (from: number, to: number) => (Date.UTC(to, 0) - Date.UTC(from, 0)) / hour;
	const all = points(new Array(year(2024, 2025)).fill(7), hour, Date.UTC(2024, 0));
	expect(regularSeries(all, { name }).values).toHaveLength(8784);
	expect(readInstant("2023-02-29 00:00:00")).toMatchObject({ status: "fault" });
	expect(readInstant("2024-02-29 00:00:00")).toEqual({ status: "instant", at_ms: Date.UTC(2024, 1, 29) });
});

test("hours are means of shorter steps, and a longer step holds for its hours", () => {
	const halves = regularSeries(points([1, 3, 5, 7, 9], hour / 2), { name });
	expect([...hourlyFrom(halves, 0, { name })]).toEqual([2, 6]);
	expect([...hourlyFrom(halves, hour / 2, { name })]).toEqual([4, 8]);
	const threes = regularSeries(points([1, 2], 3 * hour), { name });
	expect([...hourlyFrom(threes, hour, { name })]).toEqual([1, 1, 2, 2, 2]);
	expect(() => hourlyFrom(halves, 10 * hour, { name, field: "--start" })).toThrow(/--start: must be an hour/);
	expect(() => hourlyFrom(regularSeries(points([1, 2, 3], 45 * 60_000), { name }), 0, { name })).toThrow("2700 s");
});

test("a part of a series keeps its times and what was filled", () => {
	const given = points([1, 2, 3, 4, 5, 6]).filter((_, k) => k !== 3);
	const part = sliceSeries(regularSeries(given, { name, gaps: "fill" }), 2 * hour, 5 * hour);
	expect(part).toEqual({ start_ms: 2 * hour, interval_s: 3600, values: Float64Array.of(3, 4, 5), filled: [1] });
});

// Hours of the clock of tz database 2023: Berlin put forward on 26 March at 01:00 UTC and back on 29 October at 01:00 UTC.
test.each([
	["2023-01-31 13:00", "UTC", "2023-01-31T13:00:00Z"],
	["2023-01-31T13:00:00.000Z", "Europe/Berlin", "2023-01-31T13:00:00Z"],
	["2023-03-26T01:30:00+01:00", "UTC", "2023-03-26T00:30:00Z"],
	["2023-07-01 00:00:00-0730", "UTC", "2023-07-01T07:30:00Z"],
	["2023-03-26 01:59", "Europe/Berlin", "2023-03-26T00:59:00Z"],
	["2023-03-26 03:00", "Europe/Berlin", "2023-03-26T01:00:00Z"],
	["2023-07-01", "Asia/Kolkata", "2023-06-30T18:30:00Z"],
	["2023-10-29 03:00", "Europe/Berlin", "2023-10-29T02:00:00Z"],
])("%s by the clock of %s is %s", (text, zone, expected) => {
	const instant = readInstant(text, zone);
	expect(instant.status === "instant" ? isoSeconds(instant.at_ms) : instant).toBe(expected);
});

test("an hour that a clock skipped, and one that it showed twice", () => {
	expect(readInstant("2023-03-26 02:30", "Europe/Berlin")).toMatchObject({ status: "fault" });
	expect(readInstant("2023-10-29 02:30", "Europe/Berlin")).toEqual({
		status: "twice",
		earlier_ms: Date.UTC(2023, 9, 29, 0, 30),
		later_ms: Date.UTC(2023, 9, 29, 1, 30),
	});
	expect(readInstant("2023-13-01 00:00")).toMatchObject({ status: "fault" });
	expect(readInstant("yesterday")).toMatchObject({ status: "fault" });
});
