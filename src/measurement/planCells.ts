import { isModelName, stageOf } from "../inference/models.js";
import type { Plan } from "./plan.js";

/** One point of a plan: what a variant is measured with. */
export interface PlanCell {
	/** Names the cell in the journal: the knobs as a JSON text, so that no variant name can collide or break out. */
	readonly id: string;
	readonly variant: string;
	readonly accuracy_pct?: number;
	/** What the variant does, where the plan or its name says so. */
	readonly stage?: string;
	readonly cores: number;
	readonly batch: number;
}

/** Every cell of a plan, in the plan's order: variants, then cores, then batches. Repeated knobs count once. */
export function planCells(plan: Plan): readonly PlanCell[] {
	const cells = plan.variants.flatMap(({ name: variant, accuracy_pct, stage = builtInStage(plan, variant), ...own }) =>
		(own.cores ?? plan.cores).flatMap((cores) =>
			(own.batches ?? plan.batches).map(
				(batch): PlanCell => ({
					id: JSON.stringify([variant, cores, batch]),
					variant,
					...(accuracy_pct === undefined ? {} : { accuracy_pct }),
					...(stage === undefined ? {} : { stage }),
					cores,
					batch,
				}),
			),
		),
	);
	return [...new Map(cells.map((cell) => [cell.id, cell])).values()];
}

/** Of the Video pipeline's networks, and of two in a row: a detector's joules an image are not a classifier's. */
function builtInStage({ runner }: Plan, variant: string): string | undefined {
	if (runner.type !== "onnx" || Object.hasOwn(runner.files, variant)) return undefined;
	const stages = variant.split("+").map((part) => (isModelName(part) ? stageOf(part) : part));
	return stages.join("+");
}
