import { expect, test } from "vitest";
import { footprint, startHours } from "../../src/carbon/footprint.js";

test("a kilowatt-hour in an hour of 400 g and half of one in an hour of 100 g", () => {
	// Half-hours of 1.8 MJ, 1.8 MJ, 0.9 MJ and 0.9 MJ.
	const run = footprint([1.8e6, 1.8e6, 0.9e6, 0.9e6], 1800, [999, 400, 100], 1);
	expect([...run.grams]).toEqual([200, 200, 25, 25]);
	expect(run.total_g).toBe(450);
	expect(run.mean_g_per_kwh).toBeCloseTo(300, 12);
});

test("a run that outlasts the known hours is refused, not cut", () => {
	expect(() => footprint([1, 1, 1], 1800, [400])).toThrow(/hours 0 to 1 and intensities are known for 0 to 0/);
	expect(() => footprint([1], 1800, [400], -1)).toThrow(RangeError);
	expect(() => startHours([1, 1, 1], 1800, [400])).toThrow(RangeError);
});

test("the best and the worst hour to begin", () => {
	const run = startHours([3.6e6, 3.6e6], 3600, [300, 100, 200, 500]);
	expect([...run.total_g]).toEqual([400, 300, 700]);
	expect(run.best).toEqual({ hour: 1, total_g: 300 });
	expect(run.worst).toEqual({ hour: 2, total_g: 700 });
	expect(run.mean_g).toBeCloseTo(1400 / 3, 12);
});

test("the first hour may be the best or the worst, and of equals it is the earliest", () => {
	expect(startHours([3.6e6], 3600, [100, 200, 100])).toMatchObject({ best: { hour: 0 }, worst: { hour: 1 } });
	expect(startHours([3.6e6], 3600, [200, 100, 200])).toMatchObject({ best: { hour: 1 }, worst: { hour: 0 } });
	expect(startHours([3.6e6], 3600, [150])).toMatchObject({ best: { hour: 0, total_g: 150 }, mean_g: 150 });
});

test("a run without energy emits nothing, at no mean intensity", () =>
	expect(footprint([0, 0], 1800, [400])).toMatchObject({ total_g: 0, mean_g_per_kwh: 0 }));

test("each hour's total is the footprint of a run that begins then, for intervals that no hour is a multiple of", () => {
	const joules = Float64Array.from({ length: 20 }, (_, k) => 1e5 * (1 + ((k * 7) % 5)));
	const hourly = Array.from({ length: 12 }, (_, hour) => 100 + ((hour * 37) % 90));
	const { total_g } = startHours(joules, 700, hourly);
	expect(total_g).toHaveLength(9);
	total_g.forEach((own_g, hour) => {
		expect(own_g).toBeCloseTo(footprint(joules, 700, hourly, hour).total_g, 9);
	});
});
