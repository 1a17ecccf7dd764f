import { quantileSorted } from "simple-statistics";
import { integerBelow, seeded } from "../random.js";
import { type TieGroups, tieGroups, weightedSpearman } from "../statistics/weightedSpearman.js";
import { type Discordance, discordance } from "./discordance.js";
import type { EvidenceCell } from "./evidence.js";
import { type Denominator, energyOf, type MetricName, metricOf } from "./metrics.js";
import { clusterOf, type Knob, type Stratum, strataOf } from "./strata.js";

/** How tightly energy follows one metric while one knob varies. */
export type Coupling =
	| {
			readonly status: "estimated";
			/** Mean over the strata, weighted by their cells, of Spearman's correlation within a stratum: -1..1. */
			readonly correlation: number;
			readonly interval: CouplingInterval;
			readonly discordance: Discordance;
			readonly cells: number;
			/** Strata of at least three cells in which both energy and the metric vary. */
			readonly strata: number;
			readonly clusters: number;
	  }
	| {
			readonly status: "undefined";
			readonly reason: "metric-absent" | "metric-constant" | "energy-constant" | "too-few-levels";
			readonly cells: number;
	  };

export type CouplingInterval =
	| {
			readonly status: "ok";
			readonly low: number;
			readonly high: number;
			readonly undefinedResamples: number;
			/** The correlation in every defined resample, rising: what a claim about a threshold is tested against. */
			readonly resampled: Float64Array;
	  }
	| { readonly status: "one-cluster" }
	| { readonly status: "mostly-undefined"; readonly undefinedResamples: number };

export interface ResamplingOptions {
	readonly seed: number;
	readonly resamples: number;
	/** Confidence level, 0..1. */
	readonly level: number;
}

interface PreparedStratum {
	readonly clusters: Int32Array;
	readonly x: TieGroups;
	readonly y: TieGroups;
	readonly weights: Float64Array;
	/** The stratum's correlation where it lies within one cluster: a resample repeats it whole, which changes nothing. */
	readonly fixed?: number | undefined;
}

/**
 * Rank coupling of energy with a metric while a knob varies and all else is fixed, with a percentile bootstrap over
 * clusters (variants on a machine): the cells of one sweep are never resampled as if they were independent.
 *
 * Spearman's coefficient (with average ranks for ties) is taken within each stratum and averaged over the strata, so
 * that differences between strata cannot make or hide a correlation (Simpson's paradox).
 *
 * @param cells admissible cells of one or more populations; populations are never mixed within a stratum
 */
export function coupling(
	cells: readonly EvidenceCell[],
	knob: Knob,
	metric: MetricName,
	per: Denominator,
	options: ResamplingOptions,
): Coupling {
	const known = cells.filter((cell) => metricOf(cell, metric) !== undefined && energyOf(cell, per) !== undefined);
	if (known.length === 0) return { status: "undefined", reason: "metric-absent", cells: 0 };
	const x = Float64Array.from(known, (cell) => metricOf(cell, metric) as number);
	const y = Float64Array.from(known, (cell) => energyOf(cell, per) as number);
	const strata = strataOf(known, knob);
	const clusterNames = [
		...new Set(strata.flatMap(({ members }) => members.map((i) => clusterOf(known[i] as EvidenceCell)))),
	];
	const clusterIndex = new Map(clusterNames.map((name, index) => [name, index]));
	const prepared = strata
		.filter(({ members }) => members.length >= 3)
		.map(({ members }) =>
			preparedStratum(members, x, y, (i) => clusterIndex.get(clusterOf(known[i] as EvidenceCell)) as number),
		);
	const usable = prepared.filter((stratum) => stratum.x.groups > 1 && stratum.y.groups > 1);
	const reason = undefinedBecause(strata, prepared, usable);
	if (reason !== undefined) return { status: "undefined", reason, cells: known.length };

	const inUse = new Set(usable.flatMap((stratum) => [...stratum.clusters]));
	const estimate = meanWithinStrata(usable, new Float64Array(clusterNames.length).fill(1));
	if (estimate === undefined) return { status: "undefined", reason: "metric-constant", cells: known.length };
	return {
		status: "estimated",
		correlation: estimate,
		interval: bootstrap(usable, [...inUse], clusterNames.length, options),
		discordance: discordance(strata, x, y, metric),
		cells: usable.reduce((sum, stratum) => sum + stratum.weights.length, 0),
		strata: usable.length,
		clusters: inUse.size,
	};
}

function preparedStratum(
	members: readonly number[],
	x: Float64Array,
	y: Float64Array,
	clusterAt: (cell: number) => number,
): PreparedStratum {
	const clusters = Int32Array.from(members, clusterAt);
	const stratum = {
		clusters,
		x: tieGroups(members.map((i) => x[i] as number)),
		y: tieGroups(members.map((i) => y[i] as number)),
		weights: new Float64Array(members.length).fill(1),
	};
	const within = clusters.every((cluster) => cluster === clusters[0]);
	return within ? { ...stratum, fixed: weightedSpearman(stratum.x, stratum.y, stratum.weights) } : stratum;
}

function undefinedBecause(
	strata: readonly Stratum[],
	prepared: readonly PreparedStratum[],
	usable: readonly PreparedStratum[],
) {
	if (usable.length > 0) return undefined;
	if (strata.length === 0 || prepared.length === 0) return "too-few-levels" as const;
	return prepared.every((stratum) => stratum.x.groups < 2)
		? ("metric-constant" as const)
		: ("energy-constant" as const);
}

/** Mean over strata of the weighted Spearman correlation; a stratum weighs as many cells as it has in this resample. */
function meanWithinStrata(strata: readonly PreparedStratum[], clusterWeights: Float64Array): number | undefined {
	let sum = 0;
	let total = 0;
	for (const { clusters, x, y, weights, fixed } of strata) {
		if (fixed !== undefined) {
			const cells = clusters.length * (clusterWeights[clusters[0] as number] as number);
			sum += cells * fixed;
			total += cells;
			continue;
		}
		let size = 0;
		for (let i = 0; i < clusters.length; i++) {
			weights[i] = clusterWeights[clusters[i] as number] as number;
			size += weights[i] as number;
		}
		const value = size > 0 ? weightedSpearman(x, y, weights) : undefined;
		if (value === undefined) continue;
		sum += size * value;
		total += size;
	}
	return total > 0 ? sum / total : undefined;
}

function bootstrap(
	strata: readonly PreparedStratum[],
	inUse: readonly number[],
	clusterCount: number,
	{ seed, resamples, level }: ResamplingOptions,
): CouplingInterval {
	if (inUse.length < 2) return { status: "one-cluster" };
	const random = seeded(seed);
	const weights = new Float64Array(clusterCount);
	const values: number[] = [];
	for (let r = 0; r < resamples; r++) {
		weights.fill(0);
		for (let draw = 0; draw < inUse.length; draw++) {
			const cluster = inUse[integerBelow(random, inUse.length)] as number;
			weights[cluster] = (weights[cluster] as number) + 1;
		}
		const value = meanWithinStrata(strata, weights);
		if (value !== undefined) values.push(value);
	}
	const undefinedResamples = resamples - values.length;
	// With over a tenth of the resamples undefined the rest is a selected sample, not a bootstrap.
	if (undefinedResamples > resamples / 10) return { status: "mostly-undefined", undefinedResamples };
	const resampled = Float64Array.from(values).sort();
	const tail = (1 - level) / 2;
	const at = (p: number) => quantileSorted(resampled as unknown as number[], p);
	return { status: "ok", low: at(tail), high: at(1 - tail), undefinedResamples, resampled };
}
