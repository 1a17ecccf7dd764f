import { quantileSorted } from "simple-statistics";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { type EvidenceCell, populationOf } from "../../src/evaluation/evidence.js";
import { groupBy } from "../../src/group.js";
import { seeded } from "../../src/random.js";

// What the first study did, in the few lines that its headline numbers need: kept so that each number that fell can still
// be computed, by whoever doubts that it fell.

/** A cell with a latency, a throughput and an energy. */
export interface Cell extends EvidenceCell {
	readonly latency_s: number;
	readonly throughput_rps: number;
	readonly energy_j: number;
}

/** The cells of a dataset that no flag makes suspect. */
export async function cleanCells(dataset: string): Promise<Cell[]> {
	const { cells } = await readEvidence(`data/raw/${dataset}`);
	return cells.flatMap((cell): Cell[] =>
		cell.flags.length === 0 &&
		cell.energy.status === "available" &&
		cell.latency_s !== undefined &&
		cell.throughput_rps !== undefined
			? [{ ...(cell as EvidenceCell & Cell), energy_j: cell.energy.energy_j_per_request }]
			: [],
	);
}

/** Spearman's coefficient with average ranks, NaN where one side is constant. */
export function spearman(x: readonly number[], y: readonly number[]): number {
	const ranks = (values: readonly number[]) => {
		const rising = [...values].sort((a, b) => a - b);
		return values.map((value) => (rising.indexOf(value) + rising.lastIndexOf(value)) / 2);
	};
	const centred = (values: readonly number[]) => {
		const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
		return values.map((value) => value - mean);
	};
	const [a, b] = [centred(ranks(x)), centred(ranks(y))];
	const product = (p: readonly number[], q: readonly number[]) =>
		p.reduce((sum, value, i) => sum + value * (q[i] as number), 0);
	return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

export type Knob = "batch" | "variant" | "allocation" | "all";

/** Cells of one population that agree on all but the knob. */
export function strata(cells: readonly Cell[], knob: Knob): Cell[][] {
	const key = (cell: Cell) => {
		const { batch, variant, allocation, replicas, knobs } = cell;
		const others = { batch, variant, allocation, replicas, ...knobs };
		return JSON.stringify([
			populationOf(cell),
			knob === "all" ? [] : Object.entries(others).filter(([name]) => name !== knob),
		]);
	};
	return [...groupBy(cells, key).values()];
}

type Reading = (cell: Cell) => number;

/** Mean of Spearman's coefficients within strata of at least three cells, weighted by their cells. */
export function within(
	cells: readonly Cell[],
	knob: Knob,
	x: Reading,
	y: Reading = ({ energy_j }) => energy_j,
): number {
	return meanWithin(strata(cells, knob), x, y);
}

/** The same over strata that are given. */
export function meanWithin(
	groups: readonly (readonly Cell[])[],
	x: Reading,
	y: Reading = ({ energy_j }) => energy_j,
): number {
	let sum = 0;
	let total = 0;
	for (const group of groups.filter(({ length }) => length >= 3)) {
		const value = spearman(group.map(x), group.map(y));
		if (Number.isNaN(value)) continue;
		sum += group.length * value;
		total += group.length;
	}
	return sum / total;
}

interface Option {
	readonly accuracy: number;
	readonly objective: number;
	readonly energy_j: number;
	readonly throughput: number;
	readonly coreSeconds: number;
}

/** Which of the options within the tolerance is taken; the first study took the mean of those that tie for the best. */
export type Pick = (options: readonly Option[], best: readonly Option[]) => number;

export const blindly: Pick = (_, best) => best.reduce((sum, { energy_j }) => sum + energy_j, 0) / best.length;
export const byThroughput: Pick = (options) => options.reduce((a, b) => (b.throughput > a.throughput ? b : a)).energy_j;
export const byCoreSeconds: Pick = (options) =>
	options.reduce((a, b) => (b.coreSeconds < a.coreSeconds ? b : a)).energy_j;

/**
 * The first study's scenarios: weights alpha 0 to 200 against beta 1, gamma 0 and 1e-6, SLAs at quantiles of the
 * latencies, rates as multiples of the median throughput; a share of |objective| counts as equally good.
 *
 * @returns 90th percentile of the energy above the least among the equally good, and the widest span of accuracy among
 * them, both in percent
 */
export function leftOnTable(
	cells: readonly Cell[],
	tolerance: number,
	pick: Pick,
): { p90: number; accuracySpan: number } {
	const shares: number[] = [];
	let accuracySpan = 0;
	const sets = groupBy(cells, ({ population, accuracy_pct, variant }) =>
		JSON.stringify([population, accuracy_pct === undefined ? variant : ""]),
	);
	for (const set of sets.values()) {
		const rising = (read: Reading) => set.map(read).sort((a, b) => a - b);
		const [latencies, rates] = [rising(({ latency_s }) => latency_s), rising(({ throughput_rps }) => throughput_rps)];
		for (const quantile of [0.25, 0.5, 0.75, 1]) {
			const feasible = set.filter(({ latency_s }) => latency_s <= quantileSorted(latencies, quantile));
			if (feasible.length < 2) continue;
			for (const multiple of [0.5, 1, 2, 5, 20])
				for (const alpha of set[0]?.accuracy_pct === undefined ? [0] : [0, 2, 10, 50, 200])
					for (const gamma of [0, 1e-6]) {
						const options = feasible.map((cell) => optionOf(cell, multiple * quantileSorted(rates, 0.5), alpha, gamma));
						const best = Math.max(...options.map(({ objective }) => objective));
						const rounding = 1e-12 * Math.max(1, Math.abs(best));
						const near = (slack: number) => options.filter(({ objective }) => best - objective <= slack + rounding);
						const good = near(tolerance * Math.abs(best));
						shares.push(1 - Math.min(...good.map(({ energy_j }) => energy_j)) / pick(good, near(0)));
						const accuracies = good.map(({ accuracy }) => accuracy);
						if (alpha > 0) accuracySpan = Math.max(accuracySpan, Math.max(...accuracies) - Math.min(...accuracies));
					}
		}
	}
	return {
		p90:
			100 *
			quantileSorted(
				shares.sort((a, b) => a - b),
				0.9,
			),
		accuracySpan: 100 * accuracySpan,
	};
}

function optionOf(cell: Cell, rate_rps: number, alpha: number, gamma: number): Option {
	const { allocation, throughput_rps, energy_j, batch, accuracy_pct = 0 } = cell;
	const cost = allocation * Math.max(1, Math.ceil(rate_rps / throughput_rps));
	return {
		accuracy: accuracy_pct / 100,
		objective: (alpha * accuracy_pct) / 100 - cost - gamma * batch,
		energy_j,
		throughput: throughput_rps,
		coreSeconds: allocation / throughput_rps,
	};
}

/** Normal deviates from the seeded generator. */
export function normals(seed: number): () => number {
	const random = seeded(seed);
	return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
