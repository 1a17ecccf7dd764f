import { distanceCorrelation } from "../statistics/distanceCorrelation.js";
import type { Outcome } from "../statistics/outcome.js";
import { partialRank } from "../statistics/partialRank.js";
import { type ShapleyR2, shapleyR2 } from "../statistics/shapleyR2.js";
import { deviations } from "./deviations.js";
import type { EvidenceCell } from "./evidence.js";
import { type MetricName, metrics } from "./metrics.js";

/** Which metrics energy per request shares its variation with, all knobs together, populations kept apart. */
export interface Attribution {
	/** Shapley split of the in-sample R2 of log energy over the logs of the independent metrics. */
	readonly shapley: Outcome<ShapleyR2>;
	readonly metrics: readonly {
		readonly metric: MetricName;
		/** Rank correlation with energy given the other independent metrics. */
		readonly partial: Outcome<{ readonly value: number; readonly n: number; readonly p: number }>;
		/** Distance correlation with energy: 0 only where they are independent. */
		readonly distance: Outcome<{ readonly value: number; readonly n: number }>;
	}[];
}

/** Attribution over cells of one or more populations; its p-values take cells as independent and are not for verdicts. */
export function attribution(cells: readonly EvidenceCell[]): Attribution {
	const independent = metrics.filter((metric) => metric.independent).map(({ name }) => name);
	const { metrics: names, x, y } = deviations(cells, "all", independent, "request");
	return {
		shapley: shapleyR2(
			names.map((name, k) => ({ name, columns: [{ name, values: x[k] as number[] }] })),
			y,
		),
		metrics: names.map((metric, k) => {
			const own = x[k] as number[];
			const others = x.filter((_, j) => j !== k).map((column) => [...column]);
			return { metric, partial: partialRank(own, y, others), distance: distanceCorrelation(own, y) };
		}),
	};
}
