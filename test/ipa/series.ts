import { mkdtempSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IpaYamlValue, ipaYamlText } from "../../src/ipa/experiment.js";
import { integerBelow, seeded } from "../../src/random.js";

export interface Request {
	readonly arrival: number;
	readonly serving: number;
	/** Leaves out the times at the model, as where a request timed out. */
	readonly lost?: boolean;
}

/** One experiment of a series as IPA's profiler writes it. */
export interface Experiment {
	readonly id: number;
	readonly variant: string;
	readonly cores: number | string;
	readonly batch: number;
	readonly load: number | string;
	readonly seconds: readonly (readonly Request[])[];
	readonly throughput: readonly (number | null)[] | null;
	readonly meta?: string;
}

export function temporary(): string {
	return mkdtempSync(join(tmpdir(), "ipa-files-"));
}

export function resultOf(model: string, { seconds, throughput }: Pick<Experiment, "seconds" | "throughput">): object {
	return {
		cpu_usage_count: [0.5, 0.75],
		time_cpu_usage_count: [1, 2],
		throughput,
		time_throughput: [1, 2],
		responses: seconds.map((requests) =>
			requests.map(({ arrival, serving, lost }) => ({
				times: {
					request: { sending: arrival - 0.01, arrival: serving + 0.02 },
					models: lost === true ? {} : { [model]: { arrival, serving } },
				},
			})),
		),
		start_time_experiment: 1690000000.5,
		end_time_experiment: 1690000060.25,
	};
}

/** Writes a series folder in IPA's format: mapper, results and the config that its profiler copies there. */
export async function writeExperiments(
	folder: string,
	model: string,
	experiments: readonly Experiment[],
): Promise<void> {
	await mkdir(folder, { recursive: true });
	const header =
		"experiment_id,pipeline_name,node_name,model_variant,cpu_request,memory_request,max_batch_size,max_batch_time,load,load_duration,series,series_meta,replicas,no_engine,mode,data_type,benchmark_duration";
	const rows = experiments.map(
		({ id, variant, cores, batch, load, meta = "cpu type: a, b" }) =>
			`${id},p,${model},${variant},${cores},4Gi,${batch},1,${load},60,7,"${meta}",1,True,exponential,image,1`,
	);
	await writeFile(join(folder, "key_config_mapper.csv"), `${[header, ...rows].join("\r\n")}\r\n`);
	for (const own of experiments) await writeFile(join(folder, `${own.id}.json`), JSON.stringify(resultOf(model, own)));
	await writeFile(join(folder, "0.yaml"), "series: 7\nnode_name: m\n");
}

/** Requests at times like those of a clock, in seconds since 1970, some lost. */
export function randomSeconds(seed: number, count: number): Request[][] {
	const random = seeded(seed);
	return Array.from({ length: 3 }, (_, second) =>
		Array.from({ length: count }, () => {
			const arrival = 1690000000 + second + random();
			return {
				arrival,
				serving: arrival + 0.02 + 0.3 * random(),
				...(integerBelow(random, 5) === 0 ? { lost: true } : {}),
			};
		}),
	);
}

/** The keys of an experiment of the simulator's, of two tasks; `changed` in place of or beside them. */
export function experimentText(changed: Readonly<Record<string, IpaYamlValue>> = {}): string {
	return ipaYamlText({
		series: 12,
		pipeline_name: "video",
		number_tasks: 2,
		profiling_series: [71, 72],
		model_name: ["yolo", "resnet-human"],
		task_name: ["crop", "classification"],
		initial_active_model: ["yolov5n", "resnet18"],
		initial_cpu_allocation: [1, 1],
		initial_replica: [1, 2],
		initial_batch: [1, 1],
		alpha: 2,
		beta: 1,
		gamma: 0.000001,
		scaling_cap: 3,
		batching_cap: 8,
		arrival_rate: 31,
		num_state_limit: 1000000,
		threshold: 4,
		optimization_method: "gurobi",
		allocation_mode: "base",
		sla_factor: 5,
		normalize_accuracy: true,
		complete_profile: false,
		only_measured_profiles: true,
		random_sample: false,
		profiling_load: 20,
		baseline_mode: null,
		accuracy_method: "sum",
		generate: ["optimal"],
		...changed,
	});
}
