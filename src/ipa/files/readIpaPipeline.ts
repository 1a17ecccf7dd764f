import { dirname, join, resolve } from "node:path";
import { InputError } from "../../errors.js";
import type { StageProfile } from "../../pipeline/profile.js";
import type { AccuracyMethod, PipelineSpec } from "../../pipeline/spec.js";
import { readAccuracies } from "./readAccuracies.js";
import { type IpaExperiment, type IpaTask, readExperiment } from "./readExperiment.js";
import { readSeries } from "./readSeries.js";
import { seriesPoints } from "./seriesPoints.js";

export interface IpaPipelineOptions {
	/** The checkout; default: the one that the file stands in, four folders up. */
	readonly ipaHome?: string;
	/** In place of the file's; a file of the runner's has none of its own. */
	readonly arrival_rate_rps?: number;
	/**
	 * Go by the statistics that IPA's simulator always takes (p99 of the latencies, the largest throughput, no margins),
	 * whatever the file says: the simulator reads those keys of no file.
	 */
	readonly asSimulated?: boolean;
	/** Called with what is left out of a profile, a sentence each. */
	readonly onLeftOut?: (what: string) => void;
}

const methods: Readonly<Record<IpaExperiment["accuracy_method"], AccuracyMethod>> = {
	sum: "sum",
	average: "average",
	multiply: "product",
};

const simulated = {
	reference_latency: "p99",
	reference_throughput: "max",
	latency_margin: 0,
	throughput_margin: 0,
} as const;

/**
 * A pipeline from IPA's own files: the experiment's YAML, and of its checkout data/configs/accuracies.yaml and the
 * profiling series that the experiment names.
 *
 * @throws InputError naming the file, the key or line, the rule and the value
 */
export async function readIpaPipeline(file: string, options: IpaPipelineOptions = {}): Promise<PipelineSpec> {
	const experiment = await readExperiment(file);
	const data = join(options.ipaHome ?? homeOf(file), "data");
	const accuraciesFile = join(data, "configs", "accuracies.yaml");
	const accuracies = await readAccuracies(accuraciesFile, experiment.pipeline_name);
	const arrival_rate_rps = options.arrival_rate_rps ?? experiment.arrival_rate;
	if (arrival_rate_rps === undefined)
		throw new InputError({ file, field: "arrival_rate", rule: "must be there, or be given" });
	const stages: StageProfile[] = [];
	for (const task of experiment.tasks) {
		const own = accuracies.get(task.name);
		if (own === undefined)
			throw new InputError({
				file: accuraciesFile,
				field: `${experiment.pipeline_name}.${task.name}`,
				rule: "the task must be there",
				value: [...accuracies.keys()],
			});
		const folder = join(data, "results", "profiling", "nodes", "series", String(task.series));
		const cells = await readSeries({ folder, model: task.model, load: task.load });
		const rules = options.asSimulated === true ? { ...experiment, ...simulated } : experiment;
		const { points, leftOut } = seriesPoints(cells, percentOf(accuraciesFile, experiment, task, own), rules);
		for (const what of leftOut) options.onLeftOut?.(`${task.name}: ${what}`);
		stages.push(stageOf(file, task, points));
	}
	return {
		name: experiment.pipeline_name,
		stages,
		threshold_rps: experiment.threshold,
		sla_factor: experiment.sla_factor,
		accuracy_method: methods[experiment.accuracy_method],
		normalize_accuracy: experiment.normalize_accuracy,
		allocation_mode: experiment.allocation_mode,
		only_measured_profiles: experiment.only_measured_profiles,
		scaling_cap: experiment.scaling_cap,
		batching_cap: experiment.batching_cap,
		weights: { alpha: experiment.alpha, beta: experiment.beta, gamma: experiment.gamma, delta: 0 },
		arrival_rate_rps,
		semantics: "published",
		baseline: experiment.baseline_mode ?? "none",
	};
}

/** The checkout of a file data/configs/FOLDER/NAME.yaml. */
function homeOf(file: string): string {
	return dirname(dirname(dirname(dirname(resolve(file)))));
}

/**
 * Accuracies from 0 to 100. IPA writes a word error rate with a minus sign, so that more is better: 100 - rate keeps the
 * order, which is all that normalised accuracies go by. Not normalised, the sign would change the objective.
 */
function percentOf(
	file: string,
	{ pipeline_name, normalize_accuracy }: IpaExperiment,
	{ name }: IpaTask,
	own: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
	const rates = [...own.values()].every((value) => value < 0 && value >= -100);
	if (rates && normalize_accuracy) return new Map([...own].map(([variant, value]) => [variant, 100 + value]));
	for (const [variant, value] of own)
		if (!(value >= 0 && value <= 100))
			throw new InputError({
				file,
				field: `${pipeline_name}.${name}.${variant}`,
				rule: "must be a number from 0 to 100 (error rates, all of a task with a minus sign, need normalize_accuracy)",
				value,
			});
	return own;
}

function stageOf(file: string, task: IpaTask, points: StageProfile["points"]): StageProfile {
	const { name, initial_variant, initial_cores, initial_replicas } = task;
	if (!points.some(({ variant, cores }) => variant === initial_variant && cores === initial_cores))
		throw new InputError({
			file,
			field: "initial_active_model",
			rule: `must be a variant of ${name} that was profiled on its initial_cpu_allocation of ${initial_cores}`,
			value: initial_variant,
		});
	return { name, points, initial_variant, initial_cores, initial_replicas };
}
