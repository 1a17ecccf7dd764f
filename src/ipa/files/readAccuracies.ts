import { z } from "zod";
import { schemaFault } from "../../datasets/schemaFault.js";
import { InputError } from "../../errors.js";
import { readIpaYaml } from "./readIpaYaml.js";

const variants = z.record(z.string(), z.number({ error: "must be a number, in percent" }), {
	error: "must list variants with their accuracies",
});
const tasks = z.record(z.string(), z.unknown(), { error: "must list tasks" });
const pipelines = z.record(z.string(), z.unknown(), { error: "must list pipelines" });

/** Accuracies of the variants of each task of a pipeline, percent. Word error rates stand there with a minus sign. */
export type IpaAccuracies = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Reads one pipeline's part of IPA's data/configs/accuracies.yaml (pipeline -> task -> variant -> percent).
 *
 * @throws InputError where the pipeline is not there, or something stands where a number should
 */
export async function readAccuracies(file: string, pipeline: string): Promise<IpaAccuracies> {
	const content = await readIpaYaml(file);
	const all = pipelines.safeParse(content);
	if (!all.success) throw schemaFault(file, all.error, content);
	if (!Object.hasOwn(all.data, pipeline))
		throw new InputError({ file, field: pipeline, rule: "the pipeline must be there", value: Object.keys(all.data) });
	// Only the pipeline that is asked for is looked into: another one, half written, is none of this experiment's.
	const schema = z.object({ [pipeline]: tasks });
	const own = schema.safeParse(content);
	if (!own.success) throw schemaFault(file, own.error, content);
	return new Map(
		Object.entries(own.data[pipeline] as Record<string, unknown>).map(([task, given]) => {
			const result = variants.safeParse(given);
			if (!result.success) throw schemaFault(`${file}, ${pipeline}.${task}`, result.error, given);
			return [task, new Map(Object.entries(result.data))];
		}),
	);
}
