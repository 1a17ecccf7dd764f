import { expect, test } from "vitest";
import { seeded } from "../../src/random.js";
import { jackknifeRatio } from "../../src/statistics/jackknifeRatio.js";

const unit = (numerator: number, denominator = 1) => ({ numerator, denominator });
const whole = (units: readonly { numerator: number; denominator: number }[]) => ({
	numerator: units.reduce((sum, { numerator }) => sum + numerator, 0),
	denominator: units.reduce((sum, { denominator }) => sum + denominator, 0),
	units,
});

test("of equal units without a made-up one it is Student's interval of their mean", () => {
	// 0.4 ± t(4) sd / sqrt(5), with t(4) = 2.776445 and sd = 0.1581139: 0.2036757 to 0.5963243.
	const units = [0.2, 0.4, 0.5, 0.3, 0.6].map((value) => unit(value));
	const { ratio, low, high } = jackknifeRatio({ ...whole(units), prior: { units: 0, ratio: 0.5 }, level: 0.95 });
	expect(ratio).toBeCloseTo(0.4, 12);
	expect([low, high]).toEqual([expect.closeTo(0.2036757, 6), expect.closeTo(0.5963243, 6)]);
});

test("six units that agree: with a quarter of a unit at a coin's share, worked out by hand", () => {
	const units = Array.from({ length: 6 }, () => unit(0));
	const prior = { units: 0.25, ratio: 0.5 };
	const { ratio, low, high } = jackknifeRatio({ ...whole(units), prior, level: 0.95 });
	// Sums 0.125 / 6.25; left out: 0.125 / 5.25 six times and 0 once; t(5) = 2.570582.
	const left = [...Array(6).fill(0.125 / 5.25), 0] as number[];
	const mean = left.reduce((sum, value) => sum + value, 0) / 7;
	const error = Math.sqrt((6 / 7) * left.reduce((sum, value) => sum + (value - mean) ** 2, 0));
	expect([ratio, low]).toEqual([0, 0]);
	expect(high).toBeCloseTo(0.125 / 6.25 + 2.570582 * error, 6);
	expect(high).toBeLessThan(0.1);
	// Three that agree are too few to show it.
	expect(jackknifeRatio({ ...whole(units.slice(3)), prior, level: 0.95 }).high).toBeGreaterThan(0.1);
});

test("one unit shows nothing", () => {
	expect(jackknifeRatio({ ...whole([unit(0)]), prior: { units: 0.25, ratio: 0.5 }, level: 0.95 })).toEqual({
		ratio: 0,
		low: 0,
		high: 1,
	});
});

test("covers the share that it was drawn with, and rarely claims under 0.1 what is 0.2", () => {
	const random = seeded(3);
	let covering = 0;
	let claims = 0;
	for (let draw = 0; draw < 600; draw++) {
		const units = Array.from({ length: 10 }, () => {
			const pairs = Array.from({ length: 6 }, () => ({ weight: random(), wrong: random() < 0.2 ? 1 : 0 }));
			return unit(
				pairs.reduce((sum, { weight, wrong }) => sum + weight * wrong, 0),
				pairs.reduce((sum, { weight }) => sum + weight, 0),
			);
		});
		const { low, high } = jackknifeRatio({ ...whole(units), prior: { units: 0.25, ratio: 0.5 }, level: 0.95 });
		if (low <= 0.2 && high >= 0.2) covering++;
		if (high <= 0.1) claims++;
	}
	expect(covering / 600).toBeGreaterThan(0.91);
	expect(claims / 600).toBeLessThan(0.05);
});
