import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	available,
	factor,
	inverse,
	type Known,
	product,
	type Site,
	sci,
	sum,
	times,
	unavailable,
} from "../../src/carbon/sci.js";

const f = (value: number, range = {}, kind: "measured" | "modelled" = "modelled") =>
	factor(value, "1", kind, "this test", range);
const numberOf = (known: Known) => (known.status === "available" ? known.factor.value : Number.NaN);
const site = (intensity: number, pue = 1): Site => ({
	pue: f(pue),
	intensity_g_per_kwh: available(f(intensity)),
	price_per_kwh: available(f(0.1)),
});
const server = { piece: "server", embodied_g: f(1e6), lifetime_years: f(4) };
const use = (energy_j: number, reserved_s: number) => ({
	functional_unit: "request",
	energy_j: available(f(energy_j)),
	reserved_s: available(f(reserved_s)),
});

describe("Software Carbon Intensity", () => {
	test("the standard's own example: 1,000 kg over 4 years, one hour of it, 28.5 g", () => {
		expect(numberOf(sci(use(0, 3600), server, site(0)).embodied_g)).toBeCloseTo(28.5, 1);
	});

	test("by hand: 7.2 MJ at PUE 1.5 and 400 g/kWh are 3 kWh and 1,200 g, and 0.30 USD", () => {
		const own = sci(use(7.2e6, 3600), server, site(400, 1.5));
		expect([own.energy_kwh, own.operational_g, own.money].map(numberOf)).toEqual(
			[3, 1200, 0.3].map((value) => expect.closeTo(value, 9)),
		);
		expect(numberOf(own.sci_g)).toBeCloseTo(1200 + 28.5388, 3);
		expect(numberOf(own.embodied_share)).toBeCloseTo(28.5388 / 1228.5388, 6);
		expect(numberOf(times(own.sci_g, 1000))).toBeCloseTo(1000 * numberOf(own.sci_g), 6);
	});

	test("PUE scales what runs linearly and leaves what was made", () => {
		fc.assert(
			fc.property(
				fc.double({ min: 1, max: 1e7, noNaN: true }),
				fc.double({ min: 1, max: 3, noNaN: true }),
				fc.double({ min: 1, max: 900, noNaN: true }),
				(joules, pue, intensity) => {
					const [one, more] = [
						sci(use(joules, 10), server, site(intensity)),
						sci(use(joules, 10), server, site(intensity, pue)),
					];
					expect(numberOf(more.operational_g) / numberOf(one.operational_g)).toBeCloseTo(pue, 9);
					expect(numberOf(more.money) / numberOf(one.money)).toBeCloseTo(pue, 9);
					expect(numberOf(more.embodied_g)).toBe(numberOf(one.embodied_g));
				},
			),
		);
	});

	test("what is not known is unavailable, with the reason, in all that follows from it", () => {
		const own = sci({ ...use(1, 1), energy_j: unavailable("no meter") }, server, site(400));
		expect(own.sci_g).toEqual({ status: "unavailable", reason: "no meter" });
		expect(own.money).toEqual({ status: "unavailable", reason: "no meter" });
		expect(own.embodied_g.status).toBe("available");
		expect(own.water_l.status).toBe("unavailable");
		expect(sci(use(1, 1), "nobody says", site(1)).sci_g).toEqual({ status: "unavailable", reason: "nobody says" });
	});
});

test("factors: ends with ends, the weakest kind, sources once", () => {
	const all = product("g", [f(2, { low: 1, high: 3 }, "measured"), f(10, { low: 5, high: 20 })]);
	expect(all).toEqual({ value: 20, low: 5, high: 60, unit: "g", kind: "modelled", sources: ["this test"] });
	expect(sum("g", [all, all])).toMatchObject({ value: 40, low: 10, high: 120 });
	expect(inverse("1/g", f(2, { low: 1, high: 4 }))).toMatchObject({ value: 0.5, low: 0.25, high: 1 });
});
