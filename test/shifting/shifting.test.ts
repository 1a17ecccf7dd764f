import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seeded } from "../../src/random.js";
import { type PlacedRequest, placement, type Site } from "../../src/shifting/place.js";
import { carbonWeight, decisionSteps, persistence, savings, withForecastError } from "../../src/shifting/savings.js";
import { cheapestRun, cheapestSlots, deadline } from "../../src/shifting/slots.js";

const series = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 30, maxLength: 80 });
const job = fc.record({
	length: fc.integer({ min: 1, max: 6 }),
	slack: fc.integer({ min: 0, max: 12 }),
	interruptible: fc.boolean(),
});

describe("shifting in time", () => {
	test("with perfect knowledge it never raises carbon, and pausing never does worse", () => {
		fc.assert(
			fc.property(series, job, (values, given) => {
				const { oracle, forecast } = savings(values, values, given);
				oracle.forEach((share, k) => {
					expect(share).toBeGreaterThanOrEqual(-1e-12);
					expect(forecast[k]).toBeCloseTo(share, 12);
				});
				const paused = savings(values, values, { ...given, interruptible: true }).oracle;
				const whole = savings(values, values, { ...given, interruptible: false }).oracle;
				whole.forEach((share, k) => {
					expect(paused[k]).toBeGreaterThanOrEqual(share - 1e-12);
				});
			}),
		);
	});

	test("no forecast beats the oracle, and a wrong one can lose: the claim that shifting saves can fail", () => {
		const values = Array.from({ length: 96 }, (_, k) => 300 + 200 * Math.sin((k * Math.PI) / 12));
		const upsideDown = values.map((value) => 600 - value);
		const given = { length: 4, slack: 12, interruptible: false };
		const { forecast, oracle } = savings(values, upsideDown, given);
		forecast.forEach((share, k) => {
			expect(share).toBeLessThanOrEqual(oracle[k]! + 1e-12);
		});
		expect(Math.min(...forecast)).toBeLessThan(-0.2);
		const yesterday = savings(values, persistence(values, 24), given);
		expect([...yesterday.forecast].slice(24)).toEqual([...yesterday.oracle].slice(24));
	});

	test("equal intensity makes time irrelevant, and no slack leaves no choice", () => {
		fc.assert(
			fc.property(job, fc.integer({ min: 1, max: 900 }), (given, level) => {
				const flat = new Array(60).fill(level);
				expect([...savings(flat, flat, given).oracle].every((share) => Math.abs(share) < 1e-12)).toBe(true);
			}),
		);
		expect(Math.max(...savings([5, 1, 9, 2], [5, 1, 9, 2], { length: 2, slack: 0, interruptible: true }).oracle)).toBe(
			0,
		);
	});

	test("the cheapest slots by brute force over every choice", () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 6, maxLength: 9 }), (values) => {
				const sums: number[] = [];
				for (let mask = 0; mask < 1 << values.length; mask++) {
					const chosen = values.filter((_, k) => (mask >> k) & 1);
					if (chosen.length === 3) sums.push(chosen.reduce((a, b) => a + b, 0));
				}
				const window = { from: 0, to: values.length, length: 3 };
				expect(cheapestSlots(values, window).sum).toBe(Math.min(...sums));
				const runs = values.slice(2).map((_, k) => values[k]! + values[k + 1]! + values[k + 2]!);
				expect(cheapestRun(values, window)).toMatchObject({ sum: Math.min(...runs) });
				expect(cheapestRun(values, window).slots[0]).toBe(runs.indexOf(Math.min(...runs)));
			}),
		);
		expect(() => cheapestRun([1, 2], { from: 0, to: 3, length: 1 })).toThrow(RangeError);
		expect(() => cheapestSlots([1, 2], { from: 1, to: 2, length: 2 })).toThrow("a job of 2 slots must fit");
	});

	test("a forecast's error has the spread asked for, and a seed", () => {
		const flat = new Array(20_000).fill(200);
		const noisy = withForecastError(flat, 0.05, seeded(1));
		const variance = noisy.reduce((sum, value) => sum + (value - 200) ** 2, 0) / noisy.length;
		expect(Math.sqrt(variance) / 10).toBeCloseTo(1, 1);
		expect(withForecastError(flat, 0.05, seeded(1))[7]).toBe(noisy[7]);
	});

	// 2023: 2 January is a Monday.
	test.each([
		["next workday", "2023-01-04T15:00Z", "2023-01-04T15:00Z"],
		["next workday", "2023-01-04T17:30Z", "2023-01-05T09:00Z"],
		["next workday", "2023-01-05T03:00Z", "2023-01-05T09:00Z"],
		["next workday", "2023-01-06T20:00Z", "2023-01-07T09:00Z"],
		["next workday", "2023-01-07T10:00Z", "2023-01-09T09:00Z"],
		["next workday", "2023-01-08T10:00Z", "2023-01-09T09:00Z"],
		["Monday or Thursday", "2023-01-02T09:00Z", "2023-01-02T09:00Z"],
		["Monday or Thursday", "2023-01-02T09:30Z", "2023-01-05T09:00Z"],
		["Monday or Thursday", "2023-01-05T09:30Z", "2023-01-09T09:00Z"],
		["Monday or Thursday", "2023-01-08T12:00Z", "2023-01-09T09:00Z"],
	] as const)("by %s a finish at %s is due at %s", (rule, finish, due) => {
		expect(deadline(rule, Date.parse(finish))).toBe(Date.parse(due));
	});
});

describe("deciding anew", () => {
	test("at the first step, and where the grid has moved far enough from the last decision", () => {
		expect(decisionSteps([100, 104, 120, 121, 108, 107], { share: 0.05, reference_g_per_kwh: 250 })).toEqual([0, 2, 5]);
		expect(decisionSteps(new Array(50).fill(80), { share: 0, reference_g_per_kwh: 250 })).toEqual([0]);
		expect(carbonWeight(2, 300, 200)).toBe(3);
		expect(carbonWeight(2, 200, 200)).toBe(2);
	});
});

describe("place", () => {
	const request: PlacedRequest = { energy_j: 360, bytes: 1e6, service_s: 0.1, sla_s: 0.5, network_kwh_per_gb: 0.001 };
	const site = (name: string, grams: readonly number[], rtt_s: number): Site => ({
		name,
		intensity_g_per_kwh: grams,
		rtt_s,
		throughput_bits_per_s: name === "home" ? Number.POSITIVE_INFINITY : 1e8,
	});

	test("the clean site that the SLA allows, with the network's own grams", () => {
		const sites = [site("home", [400, 400, 10], 0), site("clean", [50, 500, 50], 0.2), site("far", [1, 1, 1], 0.4)];
		const { site: chosen, grams, latency_s } = placement(sites, request);
		expect([...chosen]).toEqual([1, 0, 0]);
		// 360 J are 1e-4 kWh; a megabyte is 1e-6 kWh of the network, at home's 400 g.
		expect(grams[0]).toBeCloseTo(1e-4 * 50 + 1e-6 * 400, 12);
		expect(latency_s).toEqual([0.1, 0.1 + 0.2 + 0.08, 0.1 + 0.4 + 0.08].map((s) => expect.closeTo(s, 12)));
		expect(() => placement(sites, { ...request, service_s: 0.6 })).toThrow("no site serves within 0.5 s");
	});

	test("equal intensity makes place irrelevant: nothing moves; PUE scales what a site emits", () => {
		const flat = [site("home", [100, 200], 0), site("other", [100, 200], 0)];
		const { site: chosen, grams, atHome_g } = placement(flat, request);
		expect([...chosen]).toEqual([0, 0]);
		expect(grams).toEqual(atHome_g);
		const twice = placement([{ ...flat[0]!, pue: 2 }], request).grams;
		twice.forEach((g, k) => {
			expect(g).toBeCloseTo(2 * grams[k]!, 12);
		});
	});
});
