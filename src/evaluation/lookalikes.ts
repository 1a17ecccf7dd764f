import { quantileSorted } from "simple-statistics";
import type { EvidenceCell } from "./evidence.js";
import { energyOf, type MetricName, metricOf, metrics } from "./metrics.js";

/** Energy of configurations that every other metric calls alike. */
export interface Lookalikes {
	/** Relative tolerance on every metric present, 0..1. */
	readonly tolerance: number;
	/** Metrics that had to agree: those that every cell of the population has. */
	readonly metrics: readonly MetricName[];
	readonly pairs: number;
	/** Ratio of the larger to the smaller energy per request over the pairs; absent without pairs. */
	readonly ratio?: { readonly median: number; readonly p90: number; readonly max: number };
}

/**
 * Pairs of configurations of one population that agree within a relative tolerance, |a - b| <= tolerance x max(|a|, |b|),
 * on latency, accuracy, throughput and allocation (as far as the source gives them), and how far their energies differ.
 */
export function lookalikes(cells: readonly EvidenceCell[], tolerance: number): Lookalikes {
	const names = metrics
		.filter(({ independent, name }) => independent && cells.every((cell) => metricOf(cell, name) !== undefined))
		.map(({ name }) => name);
	const values = cells.map((cell) => names.map((name) => metricOf(cell, name) as number));
	const energies = cells.map((cell) => energyOf(cell, "request") as number);
	const ratios: number[] = [];
	for (let i = 0; i < cells.length; i++) {
		for (let j = i + 1; j < cells.length; j++) {
			if (cells[i]?.dataset !== cells[j]?.dataset || cells[i]?.population !== cells[j]?.population) continue;
			const a = values[i] as number[];
			const b = values[j] as number[];
			if (!a.every((value, k) => agree(value, b[k] as number, tolerance))) continue;
			const ratio = (energies[i] as number) / (energies[j] as number);
			ratios.push(Math.max(ratio, 1 / ratio));
		}
	}
	if (ratios.length === 0) return { tolerance, metrics: names, pairs: 0 };
	ratios.sort((a, b) => a - b);
	const ratio = { median: quantileSorted(ratios, 0.5), p90: quantileSorted(ratios, 0.9), max: ratios.at(-1) as number };
	return { tolerance, metrics: names, pairs: ratios.length, ratio };
}

function agree(a: number, b: number, tolerance: number): boolean {
	return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
}
