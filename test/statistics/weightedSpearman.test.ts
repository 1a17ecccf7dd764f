import fc from "fast-check";
import { expect, test } from "vitest";
import { spearman } from "../../src/statistics/spearman.js";
import { tieGroups, weightedSpearman } from "../../src/statistics/weightedSpearman.js";

test("a published example: IQ against hours of television, rho = -29/165", () => {
	// Wikipedia, "Spearman's rank correlation coefficient", worked by hand there: -0.1757575...
	const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
	const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
	expect(weightedSpearman(tieGroups(iq), tieGroups(hours), new Array(10).fill(1))).toBeCloseTo(-29 / 165, 12);
});

test("integer weights equal repeating the observations", () => {
	const observation = fc.record({
		x: fc.integer({ min: 0, max: 5 }),
		y: fc.integer({ min: 0, max: 5 }),
		weight: fc.integer({ min: 0, max: 3 }),
	});
	fc.assert(
		fc.property(fc.array(observation, { minLength: 4, maxLength: 12 }), (sample) => {
			const repeated = sample.flatMap((row) => new Array<typeof row>(row.weight).fill(row));
			const plain = spearman(
				repeated.map(({ x }) => x),
				repeated.map(({ y }) => y),
			);
			const weighted = weightedSpearman(
				tieGroups(sample.map(({ x }) => x)),
				tieGroups(sample.map(({ y }) => y)),
				sample.map(({ weight }) => weight),
			);
			if (plain.status === "ok") expect(weighted).toBeCloseTo(plain.value, 9);
			else if (repeated.length >= 4) expect(weighted).toBeUndefined();
		}),
	);
});
