import { expect, test } from "vitest";
import { seeded } from "../../src/random.js";
import { clusterBootstrap } from "../../src/statistics/clusterBootstrap.js";
import { spearman } from "./support.js";

const random = seeded(42);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Clusters of 8 cells whose effects on x and y correlate at 0.5. */
function draw(clusterCount: number): { x: number[]; y: number[]; clusters: number[] } {
	const x: number[] = [];
	const y: number[] = [];
	const clusters: number[] = [];
	for (let cluster = 0; cluster < clusterCount; cluster++) {
		const effectX = normal();
		const effectY = 0.5 * effectX + Math.sqrt(0.75) * normal();
		for (let cell = 0; cell < 8; cell++) {
			x.push(effectX + 0.7 * normal());
			y.push(effectY + 0.7 * normal());
			clusters.push(cluster);
		}
	}
	return { x, y, clusters };
}

const population = draw(20_000);
const truth = spearman(population.x, population.y) as number;

// What the documentation of clusterBootstrap says; the standard error over 400 data sets is at most 0.025.
test.each([
	[2, 0.55],
	[3, 0.79],
	[5, 0.88],
	[12, 0.91],
	[20, 0.94],
])("95 % intervals of %i clusters hold the truth in about %f of data sets", (clusterCount, documented) => {
	let defined = 0;
	let held = 0;
	for (let trial = 0; trial < 400; trial++) {
		const { x, y, clusters } = draw(clusterCount);
		const statistic = (indices: Int32Array) =>
			spearman(
				Array.from(indices, (i) => x[i] as number),
				Array.from(indices, (i) => y[i] as number),
			);
		const interval = clusterBootstrap({ clusters, statistic, seed: trial, resamples: 300 });
		if (interval.status === "undefined") continue;
		defined++;
		if (interval.low <= truth && truth <= interval.high) held++;
	}
	expect(defined).toBe(400);
	expect(Math.abs(held / defined - documented)).toBeLessThan(0.06);
});
