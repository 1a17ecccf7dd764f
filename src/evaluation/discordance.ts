import { type MetricName, metrics } from "./metrics.js";
import type { Stratum } from "./strata.js";

/** How often a pair of configurations is ranked one way by a metric and the other way by energy. */
export interface Discordance {
	/** Pairs within strata that both the metric and energy tell apart. */
	readonly untied: number;
	/** Of these, the pairs in which the cell that the metric expects to use more energy uses less. */
	readonly discordant: number;
	/** Pairs that energy tells apart and the metric does not. */
	readonly metricTied: number;
	/** discordant / untied, 0..1; absent where there is no untied pair. */
	readonly share?: number;
}

/** Counts pairs within strata. The metric's expected direction (more throughput: less energy) is fixed beforehand. */
export function discordance(
	strata: readonly Stratum[],
	metricValues: ArrayLike<number>,
	energies: ArrayLike<number>,
	metric: MetricName,
): Discordance {
	const sign = metrics.find(({ name }) => name === metric)?.energyRisesWith ?? 1;
	let untied = 0;
	let discordant = 0;
	let metricTied = 0;
	for (const { members } of strata) {
		for (let a = 0; a < members.length; a++) {
			for (let b = a + 1; b < members.length; b++) {
				const i = members[a] as number;
				const j = members[b] as number;
				const byEnergy = Math.sign((energies[i] as number) - (energies[j] as number));
				const byMetric = sign * Math.sign((metricValues[i] as number) - (metricValues[j] as number));
				if (byEnergy === 0) continue;
				if (byMetric === 0) metricTied++;
				else {
					untied++;
					if (byMetric !== byEnergy) discordant++;
				}
			}
		}
	}
	return untied > 0
		? { untied, discordant, metricTied, share: discordant / untied }
		: { untied, discordant, metricTied };
}
