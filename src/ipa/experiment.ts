import { z } from "zod";
import { checked, readChecked } from "../datasets/checked.js";
import { InputError } from "../errors.js";

/** IPA's YAML as PyYAML reads it: 1.1 (`no` is false, `1:30` is 90), of a repeated key the last one, which its files need. */
const pyYaml = { version: "1.1", uniqueKeys: false } as const;

/** What the files that we write for IPA hold. */
export type IpaYamlValue =
	| string
	| number
	| boolean
	| null
	| readonly IpaYamlValue[]
	| { readonly [key: string]: IpaYamlValue };

/**
 * YAML text that PyYAML reads back to the same values: JSON, which is YAML, with a key a line at the top, but for numbers
 * with an exponent. PyYAML takes 1e-7 for a string; 1.0e-07 it reads.
 *
 * @throws RangeError where a number is not finite
 */
export function ipaYamlText(content: Readonly<Record<string, IpaYamlValue>>): string {
	return Object.entries(content)
		.map(([key, value]) => `${JSON.stringify(key)}: ${flow(value)}\n`)
		.join("");
}

function flow(value: IpaYamlValue): string {
	if (typeof value === "number") return numberText(value);
	if (value === null || typeof value !== "object") return JSON.stringify(value);
	if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
	return `{${Object.entries(value)
		.map(([key, own]) => `${JSON.stringify(key)}: ${flow(own)}`)
		.join(", ")}}`;
}

function numberText(value: number): string {
	if (!Number.isFinite(value)) throw new RangeError(`YAML for IPA holds finite numbers, received ${value}`);
	const [mantissa, exponent] = String(value).split("e") as [string, string?];
	return exponent === undefined ? mantissa : `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}e${exponent}`;
}

const variants = z.record(z.string(), z.number({ error: "must be a number, in percent" }), {
	error: "must list variants with their accuracies",
});
const pipelines = z.record(z.string(), z.unknown(), { error: "must list pipelines" });

/** Accuracies of the variants of each task of a pipeline, percent. Word error rates stand there with a minus sign. */
export type IpaAccuracies = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Reads one pipeline's part of IPA's data/configs/accuracies.yaml (pipeline -> task -> variant -> percent).
 *
 * @throws InputError where the pipeline is not there, or something stands where a number should
 */
export async function readAccuracies(file: string, pipeline: string): Promise<IpaAccuracies> {
	const all = await readChecked(file, pipelines, pyYaml);
	if (!Object.hasOwn(all, pipeline))
		throw new InputError({ file, field: pipeline, rule: "the pipeline must be there", value: Object.keys(all) });
	// Only the pipeline that is asked for is looked into: another one, half written, is none of this experiment's.
	const own = checked(z.object({ [pipeline]: z.record(z.string(), variants, "must list tasks") }), all, file);
	return new Map(Object.entries(own[pipeline] ?? {}).map(([task, given]) => [task, new Map(Object.entries(given))]));
}

const text = z.string({ error: "must be text" }).min(1, "must not be empty");
const number = z.number({ error: "must be a number" });
const positive = number.positive("must be above 0");
const notNegative = number.min(0, "must be 0 or more");
const whole = z.int({ error: "must be a whole number" }).min(0, "must be 0 or more");
const count = z.int({ error: "must be a whole number" }).min(1, "must be 1 or more");
const yes = z.boolean({ error: "must be true or false" });
const list = <T extends z.ZodType>(of: T) => z.array(of, { error: "must be a list, an entry a task" });
const oneOf = <const T extends readonly [string, ...string[]]>(names: T) =>
	z.enum(names, { error: `must be one of ${names.join(", ")}` });

/** Statistics of a profile that an experiment may go by: those of IPA's parser that are in the unit of their values. */
const profileStatistics = ["avg", "p50", "p95", "p99", "min", "max"] as const;
export type ProfileStatistic = (typeof profileStatistics)[number];

const schema = z.object({
	series: whole,
	pipeline_name: text,
	number_tasks: count,
	profiling_series: list(whole),
	model_name: list(text),
	task_name: list(text),
	initial_active_model: list(text),
	initial_cpu_allocation: list(positive),
	initial_replica: list(count),
	initial_batch: list(count),
	// IPA indexes whatever is not a whole number: of the text "20" it would take the load "2" for the first task.
	profiling_load: z.union([whole, z.array(z.union([whole, text]))], {
		error: "must be a whole number, or a list of loads, one a task",
	}),
	alpha: notNegative,
	beta: notNegative,
	gamma: notNegative,
	scaling_cap: count,
	batching_cap: count,
	num_state_limit: count.nullable().optional(),
	threshold: notNegative,
	// `exact` is our plugin's, `q-learning` of forks: nothing here goes by it.
	optimization_method: oneOf(["gurobi", "brute-force", "both", "exact", "q-learning"]),
	allocation_mode: oneOf(["fix", "base", "variable"]),
	sla_factor: positive,
	normalize_accuracy: yes,
	only_measured_profiles: yes,
	baseline_mode: oneOf(["switch", "scale"]).nullable(),
	accuracy_method: oneOf(["sum", "average", "multiply"]),
	// Of the simulator's files alone.
	arrival_rate: notNegative.optional(),
	complete_profile: yes.optional(),
	random_sample: yes.optional(),
	generate: z.array(oneOf(["all", "feasible", "optimal"]), { error: "must be a list" }).optional(),
	// Of the runner's files alone; IPA's defaults stand in for them in the simulator's.
	reference_latency: oneOf(profileStatistics).default("p99"),
	reference_throughput: oneOf(profileStatistics).default("max"),
	latency_margin: number.gt(-100, "must be above -100").default(0),
	throughput_margin: number.gt(-100, "must be above -100").default(0),
});

/** One task of an experiment: what IPA keeps in lists by task. */
export interface IpaTask {
	readonly name: string;
	/** Name that the profile's requests give their model, IPA's node name. */
	readonly model: string;
	/** Number of its profiling series. */
	readonly series: number;
	/** Load at which the profile was taken, requests/s, or the name of a workload. */
	readonly load: number | string;
	readonly initial_variant: string;
	readonly initial_cores: number;
	readonly initial_replicas: number;
}

/** An experiment's YAML: its own keys as IPA names them, and the tasks. Keys that we have no use for are left out. */
export interface IpaExperiment extends z.infer<typeof schema> {
	readonly file: string;
	readonly tasks: readonly IpaTask[];
}

const byTask = [
	"profiling_series",
	"model_name",
	"task_name",
	"initial_active_model",
	"initial_cpu_allocation",
	"initial_replica",
	"initial_batch",
] as const;

/**
 * Reads an experiment of IPA's: data/configs/pipeline-simulation/NAME.yaml or data/configs/final/NAME.yaml.
 *
 * @throws InputError naming the key that is missing or breaks a rule, the rule and the value
 */
export async function readExperiment(file: string): Promise<IpaExperiment> {
	const data = await readChecked(file, schema, pyYaml);
	const { number_tasks: tasks, profiling_load: load } = data;
	const lists = [...byTask.map((key) => [key, data[key]] as const), ["profiling_load", load] as const];
	for (const [field, own] of lists)
		if (Array.isArray(own) && own.length < tasks)
			throw new InputError({ file, field, rule: `must have ${tasks} entries, one a task`, value: own.length });
	return {
		...data,
		file,
		// Entries past number_tasks are left alone, as IPA leaves them.
		tasks: data.task_name.slice(0, tasks).map(
			(name, i): IpaTask => ({
				name,
				model: data.model_name[i] as string,
				series: data.profiling_series[i] as number,
				load: Array.isArray(load) ? (load[i] as number | string) : load,
				initial_variant: data.initial_active_model[i] as string,
				initial_cores: data.initial_cpu_allocation[i] as number,
				initial_replicas: data.initial_replica[i] as number,
			}),
		),
	};
}
