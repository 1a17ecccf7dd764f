import type { Plan } from "./plan.js";
import type { CellSummary } from "./summary.js";

/** Cells with fewer repetitions on a machine than the plan's least: of a run that did not end, or that changed machines. */
export function shortCells({ repetitions }: Plan, summaries: readonly CellSummary[]): readonly CellSummary[] {
	return summaries.filter((summary) => summary.repetitions + summary.dropped < repetitions.min);
}
