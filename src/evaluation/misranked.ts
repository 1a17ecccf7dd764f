import type { StudyConfiguration } from "./configurations.js";
import type { Pairs } from "./pairs.js";
import type { StudyCell } from "./population.js";

/** What IPA knows of a configuration. `core_seconds` are the busy ones, allocation / throughput (GPU-seconds). */
export type StudyMetricName = "cost" | "core_seconds" | "latency" | "throughput" | "accuracy";

/** A metric with the direction that is fixed beforehand and what counts as a tie. */
export interface StudyMetric {
	readonly name: StudyMetricName;
	readonly label: string;
	/** 1: energy is expected to rise with it, -1: to fall. */
	readonly direction: 1 | -1;
	/** Its value, NaN where it is unknown. */
	readonly of: (cell: StudyCell, configuration: StudyConfiguration) => number;
}

/** The metrics in the order in which tables show them. */
export const studyMetrics: readonly StudyMetric[] = [
	{ name: "throughput", label: "throughput", direction: -1, of: ({ throughput_rps }) => throughput_rps },
	{
		name: "core_seconds",
		label: "core- or GPU-seconds",
		direction: 1,
		of: ({ allocation, throughput_rps }) => allocation / throughput_rps,
	},
	{ name: "cost", label: "cost", direction: 1, of: (_, { cost }) => cost },
	{ name: "latency", label: "latency", direction: 1, of: (_, { latency_s }) => latency_s ?? Number.NaN },
	{ name: "accuracy", label: "accuracy", direction: 1, of: ({ accuracy_pct }) => accuracy_pct ?? Number.NaN },
];

/** Two values tie within this difference. */
export interface Tie {
	readonly relative: number;
	readonly absolute: number;
}

/** Energies of cells at one rate, as pairs are judged by them. */
export interface JudgedEnergies {
	/** Natural logarithm of the energy of each cell. */
	readonly log_energy: Float64Array;
	/** Relative standard error of each. */
	readonly relative_error: Float64Array;
}

/** Values by which cells are ordered, larger meaning more energy; NaN where unknown. */
export interface Ordering {
	readonly values: Float64Array;
	readonly tie: Tie;
}

/** Sums over pairs: what a misranked share is made of. */
export interface MisrankedSums {
	/** Sum of weight x |difference in log energy| x wrong. */
	readonly wrong: number;
	/** Sum of weight x |difference in log energy|. */
	readonly total: number;
}

/**
 * Difference in log energy of each pair, 0 where noise explains it: |d| <= z x hypot(errors). z 0 keeps every pair.
 */
export function gapsOf({ first, second }: Pairs, { log_energy, relative_error }: JudgedEnergies, z: number) {
	const gaps = new Float64Array(first.length);
	for (let p = 0; p < first.length; p++) {
		const i = first[p] as number;
		const j = second[p] as number;
		const gap = (log_energy[i] as number) - (log_energy[j] as number);
		const noise = z * Math.hypot(relative_error[i] as number, relative_error[j] as number);
		gaps[p] = Math.abs(gap) > noise ? gap : 0;
	}
	return gaps;
}

/** 1 where an ordering puts the pair the wrong way, 0.5 at a tie, 0 where right, NaN where it is unknown. */
export function wrongness({ values, tie }: Ordering, i: number, j: number, gap: number): number {
	const a = values[i] as number;
	const b = values[j] as number;
	const difference = a - b;
	if (Number.isNaN(difference)) return Number.NaN;
	if (Math.abs(difference) <= tie.absolute + tie.relative * Math.max(Math.abs(a), Math.abs(b))) return 0.5;
	return difference > 0 === gap > 0 ? 0 : 1;
}

/** The misranked sums of an ordering over pairs whose energies differ; the share is wrong / total. */
export function misranked({ first, second, weight }: Pairs, gaps: Float64Array, ordering: Ordering): MisrankedSums {
	let wrong = 0;
	let total = 0;
	for (let p = 0; p < gaps.length; p++) {
		const gap = gaps[p] as number;
		if (gap === 0) continue;
		const share = wrongness(ordering, first[p] as number, second[p] as number, gap);
		if (Number.isNaN(share)) continue;
		const stake = (weight[p] as number) * Math.abs(gap);
		wrong += stake * share;
		total += stake;
	}
	return { wrong, total };
}
