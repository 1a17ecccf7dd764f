import { groupBy } from "../group.js";
import type { ProfilePoint } from "./profile.js";
import type { AccuracyMethod } from "./spec.js";

/**
 * Accuracy of each variant as the objective uses it: percent / 100, or, normalised, its rank by rising accuracy over
 * the number of variants less one (1 for a single variant). Equal accuracies are ranked by the variants' names, as IPA
 * ranks them.
 *
 * @param lowest accuracy of the lowest of several ranks
 */
export function variantAccuracies(
	points: readonly ProfilePoint[],
	normalize: boolean,
	lowest = 0,
): ReadonlyMap<string, number> {
	const variants = [...groupBy(points, ({ variant }) => variant)].map(
		([variant, own]) => [variant, (own[0] as ProfilePoint).accuracy_pct] as const,
	);
	if (!normalize) return new Map(variants.map(([variant, percent]) => [variant, percent / 100]));
	const ranked = [...variants].sort(([name, a], [other, b]) => a - b || (name < other ? -1 : 1));
	return new Map(
		ranked.map(([variant], rank) => [
			variant,
			ranked.length === 1 ? 1 : rank === 0 ? lowest : rank / (ranked.length - 1),
		]),
	);
}

/** Accuracy of a pipeline from its stages' by the named method, for any number of stages. */
export function pipelineAccuracy(method: AccuracyMethod, stages: readonly number[]): number {
	if (method === "product") return stages.reduce((product, accuracy) => product * accuracy, 1);
	const sum = stages.reduce((total, accuracy) => total + accuracy, 0);
	return method === "average" ? sum / stages.length : sum;
}
