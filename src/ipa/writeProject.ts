import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { csvField } from "../datasets/csv.js";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import type { ProfilePoint, StageProfile } from "../pipeline/profile.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { type IpaExperiment, ipaYamlText } from "./experiment.js";
import { seriesMeta } from "./readSeries.js";

/**
 * A project folder for one experiment of a checkout: copies of its YAML and of accuracies.yaml, and a link to the profiling
 * results. What the simulator writes lands in the folder, and the checkout stays as it is.
 *
 * @param experiment path of data/configs/pipeline-simulation/NAME.yaml in the checkout
 */
export async function linkProject(folder: string, ipaHome: string, experiment: string, config: string): Promise<void> {
	const configs = join(folder, "data", "configs");
	const results = join(folder, "data", "results");
	await mkdir(join(configs, "pipeline-simulation"), { recursive: true });
	await mkdir(results, { recursive: true });
	await copyFile(experiment, join(configs, "pipeline-simulation", `${config}.yaml`));
	await copyFile(join(ipaHome, "data", "configs", "accuracies.yaml"), join(configs, "accuracies.yaml"));
	await symlink(resolve(ipaHome, "data", "results", "profiling"), join(results, "profiling"));
}

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
const writtenLoad = 1;

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

/** What IPA's simulator is asked for, by its own keys. */
export interface SimulatorSettings {
	/** Tables wanted; with optimization_method gurobi, `optimal` stands first (the simulator checks that). */
	readonly generate: NonNullable<IpaExperiment["generate"]>;
	readonly optimization_method: IpaExperiment["optimization_method"];
	/** States to stop after, or solutions of Gurobi's; null: all states (Gurobi needs a number). */
	readonly num_state_limit: number | null;
}

/**
 * Writes a pipeline as a project folder of IPA's: data/configs/pipeline-simulation/NAME.yaml, data/configs/accuracies.yaml
 * and a profiling series a stage, 1, 2, ... NAME.yaml asks for complete tables.
 *
 * @param folder is made where it is not there
 * @throws InputError where the pipeline holds what IPA has no place for: an SLA, margins or base allocations of its own, a weight
 *   or prices of energy
 */
export async function writeProject(
	folder: string,
	spec: PipelineSpec,
	config: string,
	{ generate, optimization_method, num_state_limit }: SimulatorSettings,
): Promise<void> {
	checkTellable(spec);
	const { stages, weights } = spec;
	const configs = join(folder, "data", "configs");
	const batches = stages.flatMap(({ points }) => points.map(({ batch }) => batch));
	await mkdir(join(configs, "pipeline-simulation"), { recursive: true });
	for (const [s, stage] of stages.entries())
		await writeSeries(join(folder, "data", "results", "profiling", "nodes", "series", String(s + 1)), stage, {
			pipeline: spec.name,
			series: s + 1,
		});
	await writeFile(
		join(configs, "accuracies.yaml"),
		ipaYamlText({ [spec.name]: Object.fromEntries(stages.map(({ name, points }) => [name, accuraciesOf(points)])) }),
	);
	await writeFile(
		join(configs, "pipeline-simulation", `${config}.yaml`),
		ipaYamlText({
			series: 1,
			series_meta: "written by sustainable-ipa",
			pipeline_name: spec.name,
			number_tasks: stages.length,
			profiling_series: stages.map((_, s) => s + 1),
			model_name: stages.map(({ name }) => name),
			task_name: stages.map(({ name }) => name),
			initial_active_model: stages.map(({ initial_variant }) => initial_variant),
			initial_cpu_allocation: stages.map(({ initial_cores }) => initial_cores),
			initial_replica: stages.map(({ initial_replicas = 1 }) => initial_replicas),
			initial_batch: stages.map(({ points }) => points.reduce((least, { batch }) => Math.min(least, batch), Infinity)),
			alpha: weights.alpha,
			beta: weights.beta,
			gamma: weights.gamma,
			scaling_cap: spec.scaling_cap,
			batching_cap: spec.batching_cap ?? batches.reduce((most, batch) => Math.max(most, batch)),
			arrival_rate: spec.arrival_rate_rps,
			num_state_limit,
			threshold: spec.threshold_rps,
			optimization_method,
			allocation_mode: spec.allocation_mode,
			sla_factor: spec.sla_factor,
			normalize_accuracy: spec.normalize_accuracy,
			complete_profile: true,
			only_measured_profiles: spec.only_measured_profiles,
			random_sample: false,
			profiling_load: writtenLoad,
			baseline_mode: spec.baseline === "none" ? null : spec.baseline,
			accuracy_method: spec.accuracy_method === "product" ? "multiply" : spec.accuracy_method,
			generate,
		}),
	);
}

function accuraciesOf(points: readonly ProfilePoint[]): Record<string, number> {
	const byVariant = groupBy(points, ({ variant }) => variant);
	return Object.fromEntries(
		[...byVariant].map(([variant, [first]]) => [variant, (first as ProfilePoint).accuracy_pct]),
	);
}

function checkTellable({ name, sla_s, weights, prices, stages, margins, lowest_accuracy }: PipelineSpec): void {
	const file = `pipeline ${name}`;
	if (sla_s !== undefined)
		throw new InputError({ file, field: "sla_s", rule: "must be left to IPA, which takes no SLA", value: sla_s });
	if (weights.delta > 0)
		throw new InputError({
			file,
			field: "weights.delta",
			rule: "must be 0: IPA knows no energy",
			value: weights.delta,
		});
	if (prices !== undefined)
		throw new InputError({ file, field: "prices", rule: "must not be there: IPA knows no energy" });
	if (margins !== undefined)
		throw new InputError({ file, field: "margins", rule: "must not be there: IPA's simulator takes none" });
	if (lowest_accuracy !== undefined)
		throw new InputError({ file, field: "lowest_accuracy", rule: "must not be there: IPA at e1f08dd has none" });
	for (const [s, { base_allocations }] of stages.entries())
		if (base_allocations !== undefined)
			throw new InputError({
				file,
				field: `stages.${s}.base_allocations`,
				rule: "must be left to IPA, which derives its own",
			});
	// IPA keys a pipeline's accuracies by task.
	const [twice] = stages.filter(({ name: own }, s) => stages.findIndex((other) => other.name === own) !== s);
	if (twice !== undefined)
		throw new InputError({ file, field: "stages", rule: "must have names of their own", value: twice.name });
}
