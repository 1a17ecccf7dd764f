import { quantileSorted } from "simple-statistics";
import { describe, expect, test } from "vitest";
import { type Random, seeded } from "../../src/random.js";
import { clusterBootstrap } from "../../src/statistics/clusterBootstrap.js";
import { clusterPermutation } from "../../src/statistics/clusterPermutation.js";
import { pearsonValue } from "../../src/statistics/pearsonValue.js";
import { resampledSpearman } from "../../src/statistics/resampledSpearman.js";
import { spearmanValue } from "../../src/statistics/spearmanValue.js";
import { expectClose, ok, reason } from "./support.js";

const each = (n: number) => Array.from({ length: n }, (_, i) => i);
const meanOf = (values: ArrayLike<number>) => (indices: Int32Array) =>
	indices.reduce((sum, i) => sum + (values[i] as number), 0) / indices.length;

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
			clusterBootstrap({ clusters, statistic: resampledSpearman(x, [1, 1, 3, 3, 2, 2]), resamples: 3000, seed: 1 }),
		);
		expect(three.undefined_resamples / 3000).toBeGreaterThan(0.09);
		expect(three.undefined_resamples / 3000).toBeLessThan(0.132);
		const two = clusterBootstrap({
			clusters: [0, 0, 0, 1, 1, 1],
			statistic: resampledSpearman(x, [1, 1, 1, 3, 3, 3]),
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

describe("clusterPermutation", () => {
	const statistic = pearsonValue;

	test("blocks: the p value tends to the share of all arrangements", () => {
		// Four clusters of two: 24 arrangements, enumerated here.
		const x = [1, 2, 3, 4, 5, 6, 7, 8];
		const y = [2, 1, 3, 5, 4, 7, 9, 6];
		const clusters = ["a", "a", "b", "b", "c", "c", "d", "d"];
		const orders = permutationsOf([0, 1, 2, 3]);
		const observed = Math.abs(pearsonValue(x, y) as number);
		const extreme = orders.filter((order) => {
			const permuted = order.flatMap((block) => y.slice(2 * block, 2 * block + 2));
			return Math.abs(pearsonValue(x, permuted) as number) >= observed - 1e-12;
		});
		const outcome = ok(clusterPermutation({ x, y, clusters, statistic, permutations: 5000, seed: 3 }));
		expect(outcome).toMatchObject({ scheme: "blocks", arrangements: 24, clusters: 4, undefined_permutations: 0 });
		expect(Math.abs(outcome.p - extreme.length / 24)).toBeLessThan(0.015);
	});

	test("within: only the values of a cluster move, and a difference between clusters does not count", () => {
		const x = [1, 2, 3, 11, 12, 13, 14];
		const y = [5, 7, 6, 105, 107, 106, 108];
		const clusters = [0, 0, 0, 1, 1, 1, 1];
		const watched = (_: ArrayLike<number>, permuted: Float64Array) => {
			expect([...permuted.subarray(0, 3)].sort()).toEqual([5, 6, 7]);
			return pearsonValue(x, permuted);
		};
		const observed = Math.abs(pearsonValue(x, y) as number);
		const extreme = permutationsOf([5, 7, 6]).flatMap((first) =>
			permutationsOf([105, 107, 106, 108]).filter(
				(second) => Math.abs(pearsonValue(x, [...first, ...second]) as number) >= observed - 1e-12,
			),
		);
		const outcome = ok(clusterPermutation({ x, y, clusters, statistic: watched, permutations: 3000, seed: 1 }));
		expect(outcome).toMatchObject({ scheme: "within", arrangements: 144 });
		expect(outcome.statistic).toBeGreaterThan(0.98);
		expect(Math.abs(outcome.p - extreme.length / 144)).toBeLessThan(0.03);
		expect(outcome.p).toBeGreaterThan(0.01);
	});

	test("p is uniform where nothing is associated", () => {
		const random = seeded(9);
		let below = 0;
		for (let trial = 0; trial < 300; trial++) {
			const x = each(20).map(() => normal(random));
			const y = each(20).map(() => normal(random));
			const outcome = ok(clusterPermutation({ x, y, clusters: each(20), statistic, permutations: 99, seed: trial }));
			if (outcome.p <= 0.1) below++;
		}
		// 30 expected, standard deviation 5.2.
		expect(below).toBeGreaterThan(14);
		expect(below).toBeLessThan(46);
	});

	test("p is never 0", () => {
		const x = each(20);
		const outcome = ok(clusterPermutation({ x, y: x, clusters: x, statistic, permutations: 99, seed: 1 }));
		expect(outcome.p).toBe(1 / 100);
	});

	test("outcomes without a test are tagged", () => {
		const base = { x: [1, 2, 3, 4], y: [2, 1, 4, 3], clusters: [1, 1, 2, 2], statistic, seed: 1 };
		expect(reason(clusterPermutation({ ...base, x: [1, 2] }))).toBe("length-mismatch");
		expect(reason(clusterPermutation({ ...base, clusters: [1] }))).toBe("length-mismatch");
		expect(reason(clusterPermutation({ ...base, x: [1, 2, 3], y: [1, 2, 3], clusters: [1, 1, 1] }))).toBe("too-few");
		expect(reason(clusterPermutation({ ...base, y: [1, 1, 1, 1] }))).toBe("constant");
		expect(reason(clusterPermutation({ ...base, y: [1, 1, Number.NaN, 1] }))).toBe("non-finite");
		expect(reason(clusterPermutation({ ...base, clusters: [1, 1, 1, 1] }))).toBe("too-few-clusters");
		expect(reason(clusterPermutation({ ...base, clusters: [1, 2, 3, 4], scheme: "within" }))).toBe("too-few-clusters");
		expect(reason(clusterPermutation({ ...base, clusters: [1, 1, 1, 2], scheme: "blocks" }))).toBe("out-of-range");
		expect(reason(clusterPermutation({ ...base, permutations: 0.5 }))).toBe("out-of-range");
		expect(reason(clusterPermutation({ ...base, statistic: () => undefined }))).toBe("unstable");
	});
});

test("resampledSpearman is spearmanValue of the resampled observations", () => {
	const random = seeded(21);
	const x = each(40).map(() => Math.floor(random() * 12));
	const y = x.map((value) => Math.round(value + 6 * random()) / 2);
	const statistic = resampledSpearman(x, y);
	for (let trial = 0; trial < 200; trial++) {
		const indices = each(1 + Math.floor(random() * 60)).map(() => Math.floor(random() * 40));
		const expected = spearmanValue(
			indices.map((i) => x[i] as number),
			indices.map((i) => y[i] as number),
		);
		const actual = statistic(indices);
		if (expected === undefined) expect(actual).toBeUndefined();
		else expectClose(actual as number, expected, 1e-12, 1);
	}
});

function permutationsOf(items: readonly number[]): number[][] {
	if (items.length === 0) return [[]];
	return items.flatMap((item) =>
		permutationsOf(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
	);
}
