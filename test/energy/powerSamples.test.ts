import fc from "fast-check";
import { expect, test } from "vitest";
import { integrate } from "../../src/energy/powerSamples.js";

const rule = { least: 2, longestGap_s: 10 };
const at = (time_s: number, power_w: number) => ({ time_s, power_w });

// By hand: 2 s from 100 to 200 W, 300 J; 1 s at 200 W, 200 J.
test("trapezoids by hand", () =>
	expect(integrate([at(1, 100), at(3, 200), at(4, 200)], rule)).toEqual({
		status: "integral",
		energy_j: 500,
		duration_s: 3,
	}));

test("a moment of no power is a sample", () =>
	expect(integrate([at(0, 0), at(2, 10), at(4, 0)], rule)).toMatchObject({ energy_j: 20 }));

test("a line is integrated exactly, wherever its samples are", () => {
	fc.assert(
		fc.property(
			fc.double({ min: 1, max: 500, noNaN: true }),
			fc.double({ min: 0, max: 50, noNaN: true }),
			fc.array(fc.double({ min: 0.001, max: 9, noNaN: true }), { minLength: 1, maxLength: 30 }),
			(base, slope, gaps) => {
				let time = 5;
				const samples = [
					at(time, base + slope * time),
					...gaps.map((gap) => {
						time += gap;
						return at(time, base + slope * time);
					}),
				];
				const exact = base * (time - 5) + (slope * (time * time - 25)) / 2;
				const integral = integrate(samples, rule);
				expect(integral.status).toBe("integral");
				if (integral.status === "integral") expect(Math.abs(integral.energy_j / exact - 1)).toBeLessThan(1e-9);
			},
		),
	);
});

test.each([
	["one sample", [at(0, 1)], "too-few-samples"],
	["a gap", [at(0, 1), at(11, 1)], "too-few-samples"],
	["a time that goes back", [at(2, 1), at(1, 1)], "clock-went-back"],
	["a time that stands still", [at(2, 1), at(2, 1)], "clock-went-back"],
	["no power", [at(0, Number.NaN), at(1, 1)], "malformed"],
	["a negative power", [at(0, 1), at(1, -1)], "malformed"],
])("%s is no energy", (_, samples, cause) =>
	expect(integrate(samples, rule)).toMatchObject({ status: "fault", cause }),
);
