import { describe, expect, test } from "vitest";
import { readingOfSeries } from "../../src/energy/prometheus.js";
import { scrapedCount } from "../../src/energy/prometheusApi.js";

describe("a scraped counter, by hand", () => {
	const series = (values: number[], time_s = values.map((_, i) => i)) => ({ labels: {}, time_s, values });

	test("differences, a reset, a gap", () => {
		expect(scrapedCount(series([100, 150, 250]))).toMatchObject({
			counted: 150,
			duration_s: 2,
			resets: 0,
			resolution: 100,
		});
		// 100 -> 150, begun anew, 20 since, -> 70: 50 + 20 + 50.
		expect(scrapedCount(series([100, 150, 20, 70]))).toMatchObject({ counted: 120, resets: 1 });
		expect(scrapedCount(series([0, 10, 90], [0, 1, 9]))).toMatchObject({ counted: 90, longestGap_s: 8, usualGap_s: 1 });
	});

	test("a counter that stands still between two scrapes counts nothing, and has not begun anew", () => {
		expect(scrapedCount(series([100, 100, 140, 140]))).toMatchObject({ counted: 40, resets: 0, resolution: 40 });
		expect(scrapedCount(series([7, 7]))).toMatchObject({ counted: 0, resets: 0, resolution: 0 });
	});

	test("its time is from the first scrape to the last, its usual gap the middle one, in whatever order they come", () =>
		expect(scrapedCount(series([0, 1, 2, 3, 4, 5], [1000, 1010, 1045, 1050, 1070, 1090]))).toMatchObject({
			duration_s: 90,
			samples: 6,
			longestGap_s: 35,
			usualGap_s: 20,
		}));

	test("what is no counter", () => {
		expect(scrapedCount(series([]))).toMatchObject({ status: "fault", cause: "too-few-samples" });
		expect(scrapedCount(series([5]))).toMatchObject({ status: "fault", cause: "too-few-samples" });
		expect(scrapedCount(series([5, Number.NaN]))).toMatchObject({ status: "fault", cause: "malformed" });
		expect(scrapedCount(series([5, -1]))).toMatchObject({ status: "fault", cause: "malformed" });
		expect(scrapedCount(series([Number.POSITIVE_INFINITY, 5]))).toMatchObject({ status: "fault", cause: "malformed" });
		expect(scrapedCount(series([5, 6], [1, 1]))).toMatchObject({ status: "fault", cause: "clock-went-back" });
	});
});

test("a fall of a sum of raw counters is refused: only one of them began anew", () => {
	// Two counters of 262 kJ at 250 and 200 kJ, 100 W each, a scrape every 10 s; the first wraps after the second scrape.
	const series = { labels: {}, time_s: [0, 10, 20], values: [461e9, 463e9, 463e9 + 2e9 - 262.143e9] };
	const metric = { selector: "", joules: 1e-6, covers: () => "package" as const, domain: () => "host" } as const;
	const source = { name: "scaphandre", totalRule: "" };
	expect(readingOfSeries(source, { ...metric, raw: true }, [series])).toMatchObject({
		status: "refused",
		cause: "reset",
	});
	// Taken for a beginning at 0 it would be 204 kJ for 4 kJ.
	expect(readingOfSeries(source, metric, [series])).toMatchObject({ energy_j: expect.closeTo(204857, 0) });
});

describe("a reading of series, by hand", () => {
	const metric = {
		selector: "",
		joules: 1e-3,
		covers: () => "board" as const,
		domain: ({ gpu = "" }: Readonly<Record<string, string>>) => gpu,
		blank: 9e15,
	};
	/** A counter that rises by `step` a scrape, every 15 s from `from` to `until`. */
	const gpu = (name: string, step: number, [from, until]: readonly [number, number] = [0, 10]) => {
		const scrapes = Array.from({ length: until - from + 1 }, (_, i) => from + i);
		return {
			labels: { gpu: name },
			time_s: scrapes.map((scrape) => 1e9 + 15 * scrape),
			values: scrapes.map((scrape) => 5000 + step * scrape),
		};
	};
	const reading = (...series: readonly ReturnType<typeof gpu>[]) =>
		readingOfSeries({ name: "dcgm-exporter", totalRule: "" }, metric, series);

	test("ten scrapes of 3 J and ten of 2 J: 50 J over 150 s", () =>
		expect(reading(gpu("a", 3000), gpu("b", 2000))).toMatchObject({
			status: "reading",
			energy_j: expect.closeTo(50, 9),
			resolution_j: expect.closeTo(5, 9),
			duration_s: 150,
			samples: 11,
			kind: "measured",
			covers: ["board"],
			caveats: [],
		}));
	test("a share by a model says so", () =>
		expect(
			readingOfSeries({ name: "kepler", totalRule: "" }, { ...metric, kind: () => "modelled" }, [gpu("a", 1)]),
		).toMatchObject({ kind: "modelled" }));
	test("series of a scrape less are of one window, of two less they are not", () => {
		expect(reading(gpu("a", 3000), gpu("b", 2000, [1, 10]))).toMatchObject({
			energy_j: expect.closeTo(48, 9),
			duration_s: 142.5,
			samples: 10,
		});
		expect(reading(gpu("a", 3000), gpu("b", 2000, [0, 8]))).toMatchObject({
			status: "refused",
			cause: "too-few-samples",
		});
	});
	test("the blank value, a second series of a board, one sample: each refuses all", () => {
		const blank = { ...gpu("b", 2000), values: [...gpu("b", 2000).values.slice(0, 10), 9e15] };
		expect(reading(gpu("a", 3000), blank)).toMatchObject({ cause: "not-supported" });
		expect(reading(gpu("a", 3000), gpu("b", 2000), gpu("a", 3000))).toMatchObject({ cause: "overlapping-domains" });
		expect(reading(gpu("a", 3000), gpu("b", 2000, [4, 4]))).toMatchObject({ cause: "too-few-samples" });
		expect(reading(gpu("a", 3000), gpu("b", 0))).toMatchObject({ cause: "zero" });
	});
	test("scrapes that are missing lose nothing, and are told from the fourth on", () => {
		const without = (missing: number) => {
			const { labels, time_s, values } = gpu("a", 3000);
			const left = <T>(all: readonly T[]) => all.filter((_, i) => i < 4 || i >= 4 + missing);
			return reading({ labels, time_s: left(time_s), values: left(values) });
		};
		expect(without(2)).toMatchObject({ energy_j: expect.closeTo(30, 9), caveats: [] });
		expect(without(3)).toMatchObject({ energy_j: expect.closeTo(30, 9), caveats: ["a was not scraped for 60 s"] });
	});
	test("a reset is told with its number", () => {
		const anew = { ...gpu("a", 0, [0, 4]), values: [5000, 6000, 500, 900, 100] };
		// 1000, then 500 and 400 since it began anew, then 100: 2 J.
		expect(reading(anew)).toMatchObject({
			energy_j: expect.closeTo(2, 9),
			caveats: [expect.stringMatching(/^a began anew 2 times/)],
		});
	});
});
