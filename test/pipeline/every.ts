import { type Configuration, configuration } from "../../src/pipeline/configuration.js";
import type { PipelineOptions } from "../../src/pipeline/options.js";

/** Every configuration of a pipeline, by plain nested loops. */
export function* everyConfiguration(pipeline: PipelineOptions): Generator<Configuration> {
	function* choices(stage: number): Generator<{ option: number; replicas: number }[]> {
		const own = pipeline.stages[stage];
		if (own === undefined) {
			yield [];
			return;
		}
		for (let option = 0; option < own.options.length; option++)
			for (let replicas = own.replicas[0]; replicas <= own.replicas[1]; replicas++)
				for (const rest of choices(stage + 1)) yield [{ option, replicas }, ...rest];
	}
	for (const choice of choices(0)) yield configuration(pipeline, choice);
}
