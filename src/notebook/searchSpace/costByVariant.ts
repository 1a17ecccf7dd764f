import type { PipelineOptions } from "../../pipeline/options.js";
import { choiceColumns } from "../../search/choiceColumns.js";
import { feasibleRows, summarise } from "../../search/query.js";
import type { SpaceChunk } from "../../search/space.js";

/** Rows for a table: for each variant of each stage how many feasible configurations use it, and what they cost. */
export function costByVariant(pipeline: PipelineOptions, space: SpaceChunk): Record<string, string | number>[] {
	const feasible = feasibleRows(space);
	return pipeline.spec.stages.flatMap(({ name }, stage) => {
		const { variant, variants } = choiceColumns(pipeline, space, stage);
		const groups = summarise(space, feasible, "cost_cores", (row) => variant[row] as number);
		return groups.map(({ group, count, min, mean, max }) => ({
			stage: name,
			variant: variants[group] ?? "",
			feasible: count,
			"least cost (cores)": min,
			"mean cost (cores)": Number(mean.toPrecision(4)),
			"most (cores)": max,
		}));
	});
}
