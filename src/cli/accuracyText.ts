import type { PipelineSpec } from "../pipeline/spec.js";

/** What a pipeline's accuracies are, for the reader of a number without a unit: "sum of the stages' ranks, 0 to 1 each". */
export function accuracyText({ accuracy_method, normalize_accuracy }: PipelineSpec): string {
	return `${accuracy_method} of the stages' ${normalize_accuracy ? "ranks" : "accuracies"}, 0 to 1 each`;
}
