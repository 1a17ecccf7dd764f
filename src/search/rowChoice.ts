import { type Configuration, configuration, type StageChoice } from "../pipeline/configuration.js";
import type { PipelineOptions } from "../pipeline/options.js";
import { spaceSize } from "./space.js";

/** The choice that a row stands for (mixed radix: option x replicas of each stage, the last stage varying fastest). */
export function choiceAt(pipeline: PipelineOptions, row: number): StageChoice[] {
	const { radices, rows } = spaceSize(pipeline);
	if (!(Number.isInteger(row) && row >= 0 && row < rows)) throw new RangeError(`row ${row} of a space of ${rows} rows`);
	const choice: StageChoice[] = [];
	let rest = row;
	for (let s = radices.length - 1; s >= 0; s--) {
		const radix = radices[s] as number;
		const [from, to] = (pipeline.stages[s] as PipelineOptions["stages"][number]).replicas;
		const digit = rest % radix;
		rest = Math.floor(rest / radix);
		choice.unshift({ option: Math.floor(digit / (to - from + 1)), replicas: from + (digit % (to - from + 1)) });
	}
	return choice;
}

/** The row of a choice: the inverse of choiceAt. */
export function rowOf(pipeline: PipelineOptions, choice: readonly StageChoice[]): number {
	return choice.reduce((row, { option, replicas }, s) => {
		const {
			options,
			replicas: [from, to],
		} = pipeline.stages[s] as PipelineOptions["stages"][number];
		const count = to - from + 1;
		return row * options.length * count + option * count + (replicas - from);
	}, 0);
}

/** The configuration of a row with all its metrics. */
export function configurationAt(pipeline: PipelineOptions, row: number): Configuration {
	return configuration(pipeline, choiceAt(pipeline, row));
}
