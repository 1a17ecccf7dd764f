import type { PipelineSpec } from "../../pipeline/spec.js";
import { energyFront } from "../../search/energyFront.js";
import { energySaved } from "../../search/energySaved.js";
import { describeChoice, kindText } from "./choicesByLoad.js";

/**
 * Rows for a table: the energy saved where a share of what the objective weighs may be lost, at each load. Exact, from the
 * front.
 */
export function savedRows(
	spec: PipelineSpec,
	rates_rps: readonly number[],
	losses: readonly number[] = [0, 0.01, 0.05],
): Record<string, string | number>[] {
	return rates_rps.map((rate_rps) => {
		const front = energyFront({ ...spec, arrival_rate_rps: rate_rps });
		const row: Record<string, string | number> = { pipeline: spec.name, "load (1/s)": rate_rps };
		for (const loss of losses) {
			const column = `saved at ${100 * loss} %`;
			row[`${column} (%)`] = "infeasible";
			if (front.status === "infeasible") continue;
			const { saved, saved_with_floor } = energySaved(front.points, spec.weights, loss);
			row[`${column} (%)`] = Number((100 * saved).toFixed(1));
			if (saved_with_floor !== undefined)
				row[`${column}, with the node (%)`] = Number((100 * saved_with_floor).toFixed(1));
		}
		const best = front.status === "infeasible" ? undefined : front.points[0];
		row["choice without energy"] = best === undefined ? "" : describeChoice(best.configuration);
		row.kind = best === undefined ? "" : kindText(best.configuration);
		return row;
	});
}
