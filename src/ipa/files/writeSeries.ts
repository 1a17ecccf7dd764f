import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { csvField } from "../../datasets/csvField.js";
import { InputError } from "../../errors.js";
import type { StageProfile } from "../../pipeline/profile.js";
import { ipaYamlText } from "./ipaYamlText.js";
import { seriesMeta } from "./seriesMeta.js";

const header = [
	"experiment_id",
	"pipeline_name",
	"node_name",
	"model_variant",
	"cpu_request",
	"memory_request",
	"max_batch_size",
	"max_batch_time",
	"load",
	"load_duration",
	"series",
	"series_meta",
	"replicas",
	"no_engine",
	"mode",
	"data_type",
	"benchmark_duration",
];

/** Load that a written series gives its experiments: a profile of ours does not say at which load it was taken. */
export const writtenLoad = 1;

/** Names that pandas would read as a number, a truth value or nothing, so that no accuracy would be found for them. */
const notText =
	/^([-+]?[\d.]+(e[-+]?\d+)?|[-+]?inf(inity)?|true|false|[-+]?1?\.?#?(nan|qnan|ind)|null|none|<na>|#?n\/?a.*)$/i;

/**
 * Writes a stage's profile as a profiling series of IPA's, data/results/profiling/nodes/series/N: an experiment a point,
 * with one request that took the point's latency and one second of its throughput, so that every statistic of IPA's
 * parser but the variance gives the point back, to the last digit. `series_meta` says that this was written and of which
 * kind the point is; energies have no place in the format.
 *
 * @param folder is made; its files of the same names are replaced
 * @throws InputError where a variant's name would not come back as text
 */
export async function writeSeries(
	folder: string,
	{ name, points }: StageProfile,
	{ pipeline, series }: { readonly pipeline: string; readonly series: number },
): Promise<void> {
	await mkdir(folder, { recursive: true });
	const lines = [header];
	for (const [i, { variant, cores, batch, latency_s, throughput_rps, kind }] of points.entries()) {
		if (variant !== variant.trim() || variant === "" || notText.test(variant))
			throw new InputError({
				file: `pipeline ${pipeline}`,
				field: `${name}.points.${i}.variant`,
				rule: "must be a name that pandas reads as text",
				value: variant,
			});
		const meta = seriesMeta(kind, `${pipeline}, ${name}`);
		const row = [i + 1, pipeline, name, variant, cores, "", batch, 1, writtenLoad, 1, series, meta, 1];
		lines.push([...row, "False", "static", "none", 1].map((value) => csvField(value)));
		await writeFile(join(folder, `${i + 1}.json`), JSON.stringify(resultOf(name, latency_s, throughput_rps)));
	}
	await writeFile(join(folder, "key_config_mapper.csv"), lines.map((line) => `${line.join(",")}\r\n`).join(""));
	await writeFile(
		join(folder, "0.yaml"),
		ipaYamlText({ series, pipeline_name: pipeline, node_name: name, series_meta: "written by sustainable-ipa" }),
	);
}

/** One request, sent at time 0: serving - arrival is then the latency itself, without a rounding. */
function resultOf(model: string, latency_s: number, throughput_rps: number) {
	return {
		responses: [
			[
				{
					times: {
						request: { sending: 0, arrival: latency_s },
						models: { [model]: { arrival: 0, serving: latency_s } },
					},
				},
			],
		],
		throughput: [throughput_rps],
		time_throughput: [0],
		start_time_experiment: 0,
		end_time_experiment: latency_s,
	};
}
