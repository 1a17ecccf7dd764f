import { admissible } from "../../evaluation/admissible.js";
import type { Evidence, EvidenceCell } from "../../evaluation/evidence.js";

export type Task = "detection" | "classification";

/** Cells of one stage by itself, alone on the GPU, without the suspect ones, by batch. */
export function aloneCells(evidence: Evidence, task: Task): readonly EvidenceCell[] {
	return admissible(evidence, "clean")
		.cells.filter(({ variant, knobs }) => taskOfVariant(variant) === task && knobs.tenants === 1)
		.toSorted((a, b) => a.batch - b.batch);
}

function taskOfVariant(variant: string): Task | "both" {
	if (variant.includes("+")) return "both";
	return variant.startsWith("yolo") ? "detection" : "classification";
}
