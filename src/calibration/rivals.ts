import { integerBelow, type Random } from "../random.js";
import type { Belief } from "./belief.js";
import { contests } from "./contenders.js";
import type { Features } from "./features.js";
import { normalCdf } from "./normalCdf.js";
import type { Scenario } from "./scenarios.js";

/** Expected improvement over the best measured cell (Mockus 1975; Jones et al. 1998), averaged over the scenarios. */
export function expectedImprovement(belief: Belief, scenarios: readonly Scenario[]): Float64Array {
	const { energy_j, variance, measured } = belief;
	const gains = new Float64Array(energy_j.length);
	const open = contests(scenarios, belief);
	scenarios.forEach(({ cells, penalties_j }, s) => {
		let incumbent = Number.POSITIVE_INFINITY;
		for (let k = 0; k < cells.length; k++)
			if (measured[cells[k] as number] === 1)
				incumbent = Math.min(incumbent, (energy_j[cells[k] as number] as number) + (penalties_j[k] as number));
		const { best_j, reference_j } = open[s] as { best_j: number; reference_j: number };
		if (!Number.isFinite(incumbent)) incumbent = best_j;
		for (let k = 0; k < cells.length; k++) {
			const cell = cells[k] as number;
			if (measured[cell] === 1) continue;
			const limit = incumbent - (penalties_j[k] as number);
			if (limit <= 0) continue;
			// Of a log-normal energy with this mean: as in Black and Scholes' formula.
			const sd = Math.sqrt(variance[cell] as number);
			const mean = energy_j[cell] as number;
			const d = (Math.log(limit / mean) + (sd * sd) / 2) / sd;
			gains[cell] =
				(gains[cell] as number) + (limit * normalCdf(d) - mean * normalCdf(d - sd)) / reference_j / scenarios.length;
		}
	});
	return gains;
}

/** Distance of every cell to the nearest measured one, over standardised columns and categories that differ; measured cells 0. */
export function spaceFilling(features: Features, measured: readonly number[]): Float64Array {
	const { count, values, levels, numeric, categorical } = features;
	const distances = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
	for (let i = 0; i < count; i++)
		for (const j of measured) {
			let squared = 0;
			for (let d = 0; d < numeric.length; d++)
				squared += ((values[i * numeric.length + d] as number) - (values[j * numeric.length + d] as number)) ** 2;
			for (let d = 0; d < categorical.length; d++)
				if (levels[i * categorical.length + d] !== levels[j * categorical.length + d]) squared += 2;
			distances[i] = Math.min(distances[i] as number, squared);
		}
	return distances;
}

/** A cell that is not measured, each as likely; undefined where all are. */
export function anyUnmeasured({ measured }: Belief, random: Random): number | undefined {
	const left = [...measured.keys()].filter((i) => measured[i] === 0);
	return left[integerBelow(random, left.length)];
}
