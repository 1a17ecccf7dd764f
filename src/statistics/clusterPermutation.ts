import { seeded, shuffled } from "../random.js";
import { faultIn } from "./check.js";
import { clusterMembers } from "./clusterMembers.js";
import { type Outcome, undefinedBecause } from "./outcome.js";

/** What to permute, and what to compute from each permutation. */
export interface ClusterPermutationOptions {
	readonly x: ArrayLike<number>;
	readonly y: ArrayLike<number>;
	/** The cluster of each observation. For independent observations, one each. */
	readonly clusters: readonly (string | number)[];
	/** The statistic of x against a permuted y; further from 0 is more extreme. `y` is reused: do not keep it. */
	readonly statistic: (x: ArrayLike<number>, y: Float64Array) => number | undefined;
	/** 2,000 by default. */
	readonly permutations?: number;
	readonly seed: number;
	/**
	 * What is exchanged:
	 * - `blocks`: the y of whole clusters, in their order; all clusters are equally large and list the same design points
	 *   in the same order. Asks whether a cluster's x tells of its y.
	 * - `within`: the y inside of each cluster. Asks whether x tells of y given the cluster; the observations of a
	 *   cluster must be exchangeable if it does not.
	 * - `auto` (default): `blocks` where clusters are equally large, else `within`. The two ask different questions, so
	 *   the outcome says which was used.
	 */
	readonly scheme?: "auto" | "blocks" | "within";
}

/** A two-sided permutation test. */
export interface ClusterPermutation {
	/** The statistic of the data. */
	readonly statistic: number;
	/** (1 + permutations at least as extreme) / (1 + permutations). */
	readonly p: number;
	readonly scheme: "blocks" | "within";
	/** Distinct arrangements; no p value below 1 / arrangements means anything. Infinity beyond the range of a double. */
	readonly arrangements: number;
	readonly clusters: number;
	readonly permutations: number;
	/** Permutations in which the statistic did not exist; counted as at least as extreme, which is conservative. */
	readonly undefined_permutations: number;
	readonly seed: number;
}

/**
 * Permutation test that respects clusters: y is exchanged between whole clusters, or inside of each, never freely.
 *
 * @returns undefined as `length-mismatch`, `too-few` (n < 4), `non-finite`, `constant`, `too-few-clusters` (nothing can
 * be exchanged), `out-of-range` (permutations, or `blocks` with unequal clusters), or `unstable` (no statistic)
 */
export function clusterPermutation({
	x,
	y,
	clusters,
	statistic,
	permutations = 2000,
	seed,
	scheme = "auto",
}: ClusterPermutationOptions): Outcome<ClusterPermutation> {
	const fault = faultIn(
		[
			["x", x],
			["y", y],
		],
		4,
	);
	if (fault !== undefined) return fault;
	const n = x.length;
	if (clusters.length !== n)
		return undefinedBecause("length-mismatch", `x has ${n} values, clusters ${clusters.length}`);
	if (!(Number.isInteger(permutations) && permutations > 0))
		return undefinedBecause("out-of-range", `permutations must be a whole number > 0, received ${permutations}`);
	const blocks = clusterMembers(clusters);
	const size = blocks[0]?.length ?? 0;
	const equal = blocks.every((block) => block.length === size);
	if (scheme === "blocks" && !equal) return undefinedBecause("out-of-range", "blocks need clusters of equal size");
	const used = scheme === "auto" ? (equal ? "blocks" : "within") : scheme;
	const arrangements =
		used === "blocks"
			? factorial(blocks.length)
			: blocks.reduce((product, block) => product * factorial(block.length), 1);
	if (arrangements < 2)
		return undefinedBecause("too-few-clusters", `${blocks.length} clusters leave nothing to exchange (${used})`);
	const permuted = Float64Array.from(y);
	const observed = statistic(x, permuted);
	if (observed === undefined || !Number.isFinite(observed))
		return undefinedBecause("unstable", "the statistic does not exist for the data");

	const random = seeded(seed);
	// Equal statistics differ by rounding once their terms are summed in another order.
	const threshold = Math.abs(observed) * (1 - 1e-12);
	let extreme = 0;
	let undefined_permutations = 0;
	for (let permutation = 0; permutation < permutations; permutation++) {
		const sources = used === "blocks" ? shuffled(random, blocks) : blocks.map((block) => shuffled(random, block));
		blocks.forEach((block, b) => {
			block.forEach((i, k) => {
				permuted[i] = y[sources[b]?.[k] as number] as number;
			});
		});
		const value = statistic(x, permuted);
		if (value === undefined || !Number.isFinite(value)) undefined_permutations++;
		else if (Math.abs(value) >= threshold) extreme++;
	}
	return {
		status: "ok",
		statistic: observed,
		p: (1 + extreme + undefined_permutations) / (1 + permutations),
		scheme: used,
		arrangements,
		clusters: blocks.length,
		permutations,
		undefined_permutations,
		seed,
	};
}

function factorial(n: number): number {
	let product = 1;
	for (let k = 2; k <= n; k++) product *= k;
	return product;
}
