import { dirname, join, resolve } from "node:path";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import type { ProfilePoint, StageProfile } from "../pipeline/profile.js";
import type { AccuracyMethod, PipelineSpec } from "../pipeline/spec.js";
import { percentile } from "../statistics/quantile.js";
import {
	type IpaExperiment,
	type IpaTask,
	type ProfileStatistic,
	readAccuracies,
	readExperiment,
} from "./experiment.js";
import { type ProfiledCell, readSeries } from "./readSeries.js";

/** What an experiment makes of its profiles. */
export type ProfileRules = Pick<
	IpaExperiment,
	"reference_latency" | "reference_throughput" | "latency_margin" | "throughput_margin" | "only_measured_profiles"
>;

export interface SeriesPoints {
	readonly points: readonly ProfilePoint[];
	/** What was left out, a sentence each: variants without an accuracy, allocations with an unresponsive experiment. */
	readonly leftOut: readonly string[];
}

/**
 * A stage's profile from the experiments of a series, by IPA's rules: variants in the order of their first appearance,
 * their allocations likewise, batches rising; latency the wanted statistic of the requests that came back, throughput
 * that of the recorded seconds, each with its margin. Variants without an accuracy are left out, and so is an allocation
 * of a variant one of whose experiments no request came back from.
 *
 * @param accuracies percent by variant
 * @throws InputError where a latency or throughput is not above 0, a throughput that is needed was not recorded, or,
 *   with only_measured_profiles, a variant's batch at an allocation was profiled twice
 */
export function seriesPoints(
	cells: readonly ProfiledCell[],
	accuracies: ReadonlyMap<string, number>,
	rules: ProfileRules,
): SeriesPoints {
	const leftOut: string[] = [];
	const points: ProfilePoint[] = [];
	for (const [variant, own] of groupBy(cells, (cell) => cell.variant)) {
		const accuracy_pct = accuracies.get(variant);
		if (accuracy_pct === undefined) {
			leftOut.push(`${variant}: accuracies.yaml has no accuracy of it`);
			continue;
		}
		for (const [cores, group] of groupBy(own, (cell) => cell.cores)) {
			const silent = group.find(({ result }) => result.latencies_s.length === 0);
			if (silent !== undefined) {
				leftOut.push(`${variant} on ${cores} cores: no request of batch ${silent.batch} came back`);
				continue;
			}
			const sorted = [...group].sort((a, b) => a.batch - b.batch);
			if (rules.only_measured_profiles) checkDistinct(sorted);
			points.push(...sorted.map((cell) => pointOf(cell, accuracy_pct, rules)));
		}
	}
	return { points, leftOut };
}

function pointOf(cell: ProfiledCell, accuracy_pct: number, rules: ProfileRules): ProfilePoint {
	const { variant, cores, batch, kind, result } = cell;
	const latency_s = withMargin(statistic(result.latencies_s, rules.reference_latency), rules.latency_margin);
	const recorded = result.throughputs_rps;
	if (recorded.length === 0 && rules.only_measured_profiles)
		throw faultOf(cell, "throughput", "must be recorded where only_measured_profiles is true", "nothing");
	// Where a curve is fitted, throughputs follow from it, and the recorded one is used for nothing.
	const throughput_rps =
		recorded.length === 0
			? batch / latency_s
			: withMargin(statistic(recorded, rules.reference_throughput), rules.throughput_margin);
	if (!(latency_s > 0)) throw faultOf(cell, rules.reference_latency, "latency must be above 0", latency_s);
	if (!(throughput_rps > 0))
		throw faultOf(cell, rules.reference_throughput, "throughput must be above 0", throughput_rps);
	return { variant, accuracy_pct, cores, batch, latency_s, throughput_rps, kind };
}

function withMargin(value: number, margin_pct: number): number {
	return value * ((100 + margin_pct) / 100);
}

function statistic(values: readonly number[], name: ProfileStatistic): number {
	switch (name) {
		case "avg":
			return values.reduce((sum, value) => sum + value, 0) / values.length;
		case "min":
			return values.reduce((least, value) => Math.min(least, value));
		case "max":
			return values.reduce((most, value) => Math.max(most, value));
		default:
			return percentile(values, Number(name.slice(1)));
	}
}

function checkDistinct(sorted: readonly ProfiledCell[]): void {
	const repeated = sorted.find(({ batch }, i) => sorted[i - 1]?.batch === batch);
	if (repeated !== undefined)
		throw faultOf(
			repeated,
			"max_batch_size",
			`must be the one experiment of ${repeated.variant} on ${repeated.cores} cores with its batch at this load`,
			repeated.batch,
		);
}

function faultOf({ file, line }: ProfiledCell, field: string, rule: string, value: unknown): InputError {
	return new InputError({ file, line, field, rule, value });
}

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
