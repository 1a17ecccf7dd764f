import { expect, test } from "vitest";
import { withEnergyWeight } from "../../src/cli/pipelineOptions.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";

const prices = { "eur-per-kwh": 0.3, "eur-per-core-hour": 0.05 };

test("what is given stands in place of the pipeline's own delta and prices; nothing given leaves them", async () => {
	const video = await readPipeline();
	const weighed = { ...video, weights: { ...video.weights, delta: 2 } };
	const priced = { ...video, prices: { eur_per_kwh: 1, eur_per_core_hour: 1, pue: 1.5 } };
	expect(withEnergyWeight(weighed, {})).toBe(weighed);
	expect(withEnergyWeight(weighed, { delta: 0.1 }).weights.delta).toBe(0.1);
	// checkSpec refuses a delta beside prices: neither of the two may be left.
	expect(withEnergyWeight(weighed, prices)).toEqual({
		...video,
		weights: { ...video.weights, delta: 0 },
		prices: { eur_per_kwh: 0.3, eur_per_core_hour: 0.05 },
	});
	expect(withEnergyWeight(priced, prices).prices).toEqual({ eur_per_kwh: 0.3, eur_per_core_hour: 0.05, pue: 1.5 });
	expect(withEnergyWeight(priced, { delta: 5 })).toEqual({ ...video, weights: { ...video.weights, delta: 5 } });
});

test.each([
	[{ ...prices, delta: 1 }, "--delta: must not be given with prices"],
	[{ "eur-per-kwh": 0.3 }, "must be given together"],
	[{ "eur-per-core-hour": 0.05 }, "must be given together"],
] as const)("%j is refused", async (values, rule) => {
	const video = await readPipeline();
	expect(() => withEnergyWeight(video, values)).toThrow(rule);
});
