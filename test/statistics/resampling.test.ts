import { quantileSorted } from "simple-statistics";
import { describe, expect, test } from "vitest";
import { type Random, seeded } from "../../src/random.js";
import { clusterBootstrap } from "../../src/statistics/clusterBootstrap.js";
import { expectClose, ok, reason, spearman } from "./support.js";

const each = (n: number) => Array.from({ length: n }, (_, i) => i);
const meanOf = (values: ArrayLike<number>) => (indices: Int32Array) =>
	indices.reduce((sum, i) => sum + (values[i] as number), 0) / indices.length;

const spearmanOf = (x: readonly number[], y: readonly number[]) => (indices: Int32Array) =>
	spearman(
		Array.from(indices, (i) => x[i] as number),
		Array.from(indices, (i) => y[i] as number),
	);

function normal(random: Random): number {
	return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

describe("clusterBootstrap", () => {
	test("three clusters by hand: the 27 equally likely draws of their means", () => {
		// Cluster means 0, 3 and 6 with two observations each: a resample's mean is the mean of three draws.
		const values = [-1, 1, 2, 4, 5, 7];
		const clusters = ["a", "a", "b", "b", "c", "c"];
		const exact = [0, 3, 6].flatMap((a) => [0, 3, 6].flatMap((b) => [0, 3, 6].map((c) => (a + b + c) / 3)));
		exact.sort((a, b) => a - b);
		const interval = ok(
			clusterBootstrap({ clusters, statistic: meanOf(values), resamples: 5000, seed: 7, level: 0.8 }),
		);
		expect(interval.estimate).toBe(3);
		expectClose(interval.low, quantileSorted(exact, 0.1), 1e-12);
		expectClose(interval.high, quantileSorted(exact, 0.9), 1e-12);
		expect(interval).toMatchObject({
			clusters: 3,
			few_clusters: true,
			resamples: 5000,
			undefined_resamples: 0,
			seed: 7,
		});
	});

	test("whole clusters are drawn: cells of one sweep never part", () => {
		const clusters = ["a", "b", "b", "c", "c", "c"];
		const seen = new Set<string>();
		const statistic = (indices: Int32Array) => {
			const counts = each(6).map((i) => indices.filter((index) => index === i).length);
			expect(counts[1]).toBe(counts[2]);
			expect(new Set(counts.slice(3)).size).toBe(1);
			expect((counts[0] as number) + (counts[1] as number) + (counts[3] as number)).toBe(3);
			seen.add(counts.join());
			return indices.length;
		};
		ok(clusterBootstrap({ clusters, statistic, resamples: 500, seed: 1 }));
		expect(seen.size).toBe(10);
	});

	test("the same seed gives the same interval, another seed another", () => {
		const values = each(30).map((i) => Math.sin(i * 7));
		const at = (seed: number) =>
			clusterBootstrap({ clusters: each(30), statistic: meanOf(values), resamples: 200, seed });
		expect(at(3)).toEqual(at(3));
		expect(at(3)).not.toEqual(at(4));
	});

	test("covers the truth about as often as it says, with 30 clusters", () => {
		// 400 data sets; the percentile interval of a mean of 30 is known to cover a little less than its level.
		const random = seeded(11);
		let covered = 0;
		for (let trial = 0; trial < 400; trial++) {
			const effects = each(30).map(() => normal(random));
			const clusters = each(60).map((i) => i % 30);
			const values = clusters.map((cluster) => (effects[cluster] as number) + 0.3 * normal(random));
			const interval = ok(
				clusterBootstrap({ clusters, statistic: meanOf(values), resamples: 300, seed: trial, level: 0.9 }),
			);
			if (interval.low <= 0 && 0 <= interval.high) covered++;
		}
		expect(covered / 400).toBeGreaterThan(0.83);
		expect(covered / 400).toBeLessThan(0.94);
	});

	test("with three clusters it covers far less than it says, which is why it is marked", () => {
		const random = seeded(12);
		let covered = 0;
		for (let trial = 0; trial < 400; trial++) {
			const values = each(3).map(() => normal(random));
			const interval = ok(
				clusterBootstrap({ clusters: each(3), statistic: meanOf(values), resamples: 200, seed: trial, level: 0.95 }),
			);
			expect(interval.few_clusters).toBe(true);
			if (interval.low <= 0 && 0 <= interval.high) covered++;
		}
		expect(covered / 400).toBeLessThan(0.85);
	});

	test("cells taken as independent give a narrower interval than their clusters", () => {
		const random = seeded(5);
		const effects = each(10).map(() => normal(random));
		const clusters = each(100).map((i) => i % 10);
		const values = clusters.map((cluster) => (effects[cluster] as number) + 0.1 * normal(random));
		const width = (of: number[]) => {
			const { low, high } = ok(clusterBootstrap({ clusters: of, statistic: meanOf(values), resamples: 500, seed: 2 }));
			return high - low;
		};
		expect(width(clusters)).toBeGreaterThan(2 * width(each(100)));
	});

	test("undefined resamples are counted, and too many leave no interval", () => {
		// With y constant within each of three clusters, a draw of one cluster three times (1 in 9) has no correlation.
		const x = [1, 2, 3, 4, 5, 6];
		const clusters = [0, 0, 1, 1, 2, 2];
		const three = ok(
			clusterBootstrap({ clusters, statistic: spearmanOf(x, [1, 1, 3, 3, 2, 2]), resamples: 3000, seed: 1 }),
		);
		expect(three.undefined_resamples / 3000).toBeGreaterThan(0.09);
		expect(three.undefined_resamples / 3000).toBeLessThan(0.132);
		const two = clusterBootstrap({
			clusters: [0, 0, 0, 1, 1, 1],
			statistic: spearmanOf(x, [1, 1, 1, 3, 3, 3]),
			seed: 1,
		});
		expect(reason(two)).toBe("unstable");
	});

	test("outcomes without an interval are tagged", () => {
		const statistic = meanOf([1, 2, 3, 4]);
		const clusters = [1, 2, 3, 4];
		expect(reason(clusterBootstrap({ clusters: [1, 1, 1], statistic, seed: 1 }))).toBe("too-few-clusters");
		expect(reason(clusterBootstrap({ clusters: [], statistic, seed: 1 }))).toBe("too-few-clusters");
		expect(reason(clusterBootstrap({ clusters, statistic, seed: 1, level: 95 }))).toBe("out-of-range");
		expect(reason(clusterBootstrap({ clusters, statistic, seed: 1, resamples: 0 }))).toBe("out-of-range");
		expect(reason(clusterBootstrap({ clusters, statistic: () => undefined, seed: 1 }))).toBe("unstable");
		expect(reason(clusterBootstrap({ clusters, statistic: () => Number.NaN, seed: 1 }))).toBe("unstable");
	});
});
