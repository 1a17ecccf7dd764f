import { readCsv } from "../datasets/csv.js";
import { numberField, textField } from "../datasets/field.js";
import { InputError } from "../errors.js";
import { type PresetFamily, type PresetPipeline, presetFamilies, presetPipelines } from "./presets.js";

/** One of the lines that IPA's figures draw: a system's cost and accuracy at every decision over a window. */
export interface PublishedSeries {
	readonly figure: string;
	readonly pipeline: PresetPipeline;
	readonly family: PresetFamily;
	readonly workload: string;
	readonly system: string;
	/** By step; step 0 is what ran before the first decision. */
	readonly steps: readonly {
		readonly step: number;
		readonly t_s: number;
		readonly cost_cores: number;
		/** As plotted: the sum of ranks, or 100 x the product of the accuracies. */
		readonly accuracy: number;
	}[];
}

/**
 * Reads published runs (data/raw/ipa-published/ipa-published-runs.csv, or another table of its form).
 *
 * @throws InputError with the line and the column that is missing or out of range, or a pipeline that has no preset
 */
export async function readPublishedRuns(file: string): Promise<PublishedSeries[]> {
	const series = new Map<string, PublishedSeries & { steps: PublishedSeries["steps"][number][] }>();
	for (const row of (await readCsv(file)).rows) {
		const oneOf = <T extends string>(field: string, names: readonly T[]): T => {
			const value = textField(row, field);
			if (!(names as readonly string[]).includes(value))
				throw new InputError({ file, line: row.line, field, rule: `must be one of ${names.join(", ")}`, value });
			return value as T;
		};
		const own = {
			figure: textField(row, "figure"),
			pipeline: oneOf("pipeline", presetPipelines),
			family: oneOf("accuracy_method", presetFamilies),
			workload: textField(row, "workload"),
			system: textField(row, "system"),
		};
		const key = JSON.stringify(Object.values(own));
		const known = series.get(key) ?? { ...own, steps: [] };
		series.set(key, known);
		known.steps.push({
			step: numberField(row, "step", "whole"),
			t_s: numberField(row, "t_s", "not negative"),
			cost_cores: numberField(row, "cost_cores", "not negative"),
			accuracy: numberField(row, "accuracy", "not negative"),
		});
	}
	return [...series.values()];
}
