import type { EvidenceCell } from "./evidence.js";
import { energyOf, type MetricName, metricOf } from "./metrics.js";

/** Pareto fronts of a population without and with energy among the axes. */
export interface Fronts {
	readonly axes: readonly MetricName[];
	readonly cells: number;
	/** Lines of the cells on the front without energy. */
	readonly without: readonly EvidenceCell[];
	/** Lines of the cells on the front when energy per request (less is better) joins the axes. */
	readonly withEnergy: readonly EvidenceCell[];
	/** Cells that only energy brings onto the front. */
	readonly entered: number;
}

/**
 * Fronts over latency and one reading of cost (less is better), and accuracy where the source gives it (more is
 * better). A cell is on the front when no other is at least as good on every axis and better on one.
 */
export function fronts(cells: readonly EvidenceCell[], cost: "allocation" | "resource_seconds_per_request"): Fronts {
	const wanted: readonly MetricName[] = ["latency_s", cost, "accuracy_pct"];
	const axes = wanted.filter((name) => cells.every((cell) => metricOf(cell, name) !== undefined));
	const points = cells.map((cell) =>
		axes.map((name) => (name === "accuracy_pct" ? -1 : 1) * (metricOf(cell, name) as number)),
	);
	const energies = cells.map((cell) => energyOf(cell, "request") as number);
	const without = frontOf(points);
	const withEnergy = frontOf(points.map((point, i) => [...point, energies[i] as number]));
	const before = new Set(without);
	return {
		axes,
		cells: cells.length,
		without: without.map((i) => cells[i] as EvidenceCell),
		withEnergy: withEnergy.map((i) => cells[i] as EvidenceCell),
		entered: withEnergy.filter((i) => !before.has(i)).length,
	};
}

function frontOf(points: readonly (readonly number[])[]): number[] {
	return points.flatMap((point, i) => (points.some((other) => dominates(other, point)) ? [] : [i]));
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
	let better = false;
	for (let k = 0; k < a.length; k++) {
		const x = a[k] as number;
		const y = b[k] as number;
		if (x > y) return false;
		if (x < y) better = true;
	}
	return better;
}
