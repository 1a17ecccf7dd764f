import { join } from "node:path";
import { z } from "zod";
import { adaptationDefaults } from "../adaptation/compareSystems.js";
import { InputError } from "../errors.js";
import { deviceClasses } from "../evaluation/evidence.js";
import type { EvaluationSettings } from "../evaluation/settings.js";
import type { LstmWeights } from "../forecast/lstm.js";
import { checked, readChecked } from "./checked.js";
import { readBytes } from "./file.js";
import { parseJson } from "./parseText.js";
import { packageRoot } from "./root.js";

const share = z.number().min(0).max(1);
const moving = (value: z.ZodNumber) => z.strictObject({ value, moved: z.array(value), reason: z.string().min(10) });
const count = z.int().min(2);
const positive = z.number().min(0);

const reasoned = <T extends z.ZodType>(value: T) => z.strictObject({ value, reason: z.string().min(10) });

const settingsSchema = z.strictObject({
	seed: z.int(),
	bands: z
		.array(
			z.strictObject({
				name: z.string().min(1),
				multiples: z.array(z.union([z.number().positive(), z.literal("limit")])).min(1),
			}),
		)
		.min(1),
	formula_cells_shown: z.array(count),
	thresholds: z.strictObject({
		misranked_bound: moving(z.number().min(0).max(0.5)),
		level: moving(z.number().min(0.5).max(0.999)),
		minimum_variants: moving(count),
		minimum_machines: moving(count),
		minimum_outlasting: moving(share),
		stands_still_ties: moving(share),
		prior_variants: moving(positive),
		noise_z: moving(positive),
		error_least: moving(positive),
		error_unknown: moving(positive),
		tie_relative: moving(positive),
		tie_accuracy_points: moving(positive),
		idle_dedicated_low: moving(share),
		idle_dedicated_high: moving(share),
		idle_shared_low: moving(share),
		idle_shared_high: moving(share),
		idle_measured_most: moving(share),
		shared_least_left: moving(share),
		formula_cells: moving(count),
		formula_draws: moving(z.int().min(1)),
		formula_ridge: moving(z.number().positive()),
		most_stratum_cells: moving(z.int().min(3)),
	}),
	value: z.strictObject({
		weights: reasoned(z.array(z.tuple([positive, positive])).min(1)),
		gamma: reasoned(positive),
		tolerances: reasoned(z.array(share).min(1)),
		quantiles: reasoned(z.array(share).min(1)),
		resamples: reasoned(z.int().min(0)),
		trace_multiple: reasoned(z.number().positive()),
		trace_step_s: reasoned(z.int().min(1)),
	}),
});

/**
 * Reads the study's thresholds and rates; throws InputError naming the field.
 *
 * @example
 * (await datasets.readEvaluationSettings()).bands.map(({ name }) => name).includes("middle"); // → true
 */
export async function readEvaluationSettings(
	file = join(packageRoot, "data", "evaluation.yaml"),
): Promise<EvaluationSettings> {
	return readChecked(file, settingsSchema);
}

const tally = z.int().min(0);

/**
 * Made-up energies on a measured grid, of which the right label is known. Coupled with throughput, core-seconds or
 * latency: power constant, in proportion to the allocation, or to throughput x latency. `derivable`: log P = 0.5 log
 * allocation + 0.1 log batch + N(0, 1) for each setting of another knob (parallelism is none). `independent`: the
 * measured energies permuted within populations. `mixed`: coupled with throughput, but permuted for two networks in five.
 */
export const instruments = ["throughput", "core_seconds", "latency", "derivable", "independent", "mixed"] as const;

/** Labels of one instrument over the draws; noise on its energies as a share of them, and what the study is told of it. */
const instrumentRow = z.object({
	device: z.enum(deviceClasses),
	instrument: z.enum(instruments),
	noise: z.number(),
	told: z.number(),
	draws: tally,
	/** Labels of knobs with enough variants whose noise-free share is not near the bound (half to twice). */
	scored: tally,
	/** Of the scored labels, how many are the one that noise-free energies have, and how many of each there are. */
	right: tally,
	labels: z.object({ "stands-in": tally, derivable: tally, independent: tally, undetermined: tally }),
	/** Intervals of misranked shares of all metrics and knobs with enough variants, and those that hold the noise-free one. */
	intervals: tally,
	covering: tally,
});

export type InstrumentRow = z.infer<typeof instrumentRow>;

/** A kept run of the instruments, with the commit that it was run at. */
const instrumentsSchema = z.object({
	seed: z.int(),
	draws: z.int().min(1),
	commit: z.string(),
	rows: z.array(instrumentRow),
});

export type KeptInstruments = z.infer<typeof instrumentsSchema>;

/**
 * Reads the table that `make instruments` keeps (data/derived/instruments.json).
 *
 * @example
 * (await datasets.readInstruments(`${datasets.dataRoot}/derived/instruments.json`)).draws; // → 100
 */
export async function readInstruments(file: string): Promise<KeptInstruments> {
	return readChecked(file, instrumentsSchema);
}

const needed = z.union([z.int().min(1), z.literal("not-reached")]);
const overSeeds = z.object({ median: needed, p90: needed });

const point = z.object({
	k: z.int().min(1),
	share_of_cells: z.number(),
	error: z.number().nullable(),
	mean_regret: z.number(),
	share_over_1pct: z.number(),
	share_over_5pct: z.number(),
	coverage: z.number().nullable(),
	coverage_contending: z.number().nullable(),
	half_width: z.number().nullable(),
	doubt: z.number(),
});

const replaySchema = z.object({
	dataset: z.string(),
	population: z.string(),
	selection: z.enum(["clean", "all"]),
	purpose: z.enum(["choice", "map"]),
	cells: z.int(),
	scenarios: z.int(),
	seeds: z.int(),
	results: z.array(
		z.object({
			method: z.string(),
			cells_needed_95: overSeeds,
			cells_needed_all: overSeeds,
			points: z.array(point),
			curve: z.array(point).optional(),
			stop: z.object({
				stopped: z.int(),
				seeds: z.int(),
				k: overSeeds,
				share_over_1pct: z.number().nullable(),
				undecided: z.object({ doubt: z.number(), mean_regret: z.number() }).nullable(),
			}),
		}),
	),
});

/** A row of `sustainable-ipa calibrate --replay --json`: one population, every method. */
export type ReplayRow = z.infer<typeof replaySchema>;

/**
 * Reads kept replays, or a file of your own, a JSON row a line.
 *
 * @param name a file of data/derived/calibration without its ending (its README says by which command), or a path
 * @throws InputError naming file, line and field
 * @example
 * const [edge] = await datasets.readReplays("edgetune");
 * edge.results.some(({ method }) => method === "random"); // → true
 */
export async function readReplays(name: string): Promise<readonly ReplayRow[]> {
	const kept = /^[a-z0-9-]+$/.test(name);
	const file = kept ? join(packageRoot, "data/derived/calibration", `${name}.jsonl`) : name;
	const lines = (await readBytes(file)).toString("utf8").trim().split("\n");
	return lines.map((text, i) => checked(replaySchema, parseJson(file, text, { line: i + 1 }), file, { line: i + 1 }));
}

/** Trained weights lie within a few units of 0; far larger ones make forecasts that are no number. */
const weight = z.number().min(-1e6).max(1e6);
const weights = z.array(weight);
const lstmSchema = z.strictObject({
	model: z.literal("lstm"),
	weights: z.strictObject({
		units: z.int().positive(),
		kernel: z.array(weights).length(1),
		recurrent: z.array(weights),
		bias: weights,
		dense: weights,
		denseBias: weight,
		scale_rps: z.number().positive(),
		inputs: z.int().positive(),
	}),
	training: z.strictObject({
		command: z.string(),
		trace: z.string(),
		trace_sha256: z.string(),
		damping: z.int().positive(),
		train_s: z.tuple([z.int(), z.int()]),
		test_s: z.tuple([z.int(), z.int()]),
		samples: z.int(),
		left_out_for_gaps: z.int(),
		epochs: z.int(),
		batch: z.int(),
		learning_rate: z.number(),
		seed: z.int(),
		loss_by_epoch: z.array(z.number()),
		tfjs: z.string(),
		trained: z.string(),
	}),
	test: z.strictObject({ samples: z.int(), smape_pct: z.number(), mae_rps: z.number(), under: z.number() }),
});

/** Trained weights, how they were trained, and their errors on the test week. */
export type LstmFile = z.infer<typeof lstmSchema>;

/**
 * Reads weights that `sustainable-ipa train` wrote.
 *
 * @throws InputError with the field that is missing, malformed or of the wrong length
 * @example
 * (await adaptation.readLstm(`${datasets.dataRoot}/models/lstm.json`)).weights.inputs; // → 12
 */
export async function readLstm(file: string): Promise<LstmFile> {
	const found = await readChecked(file, lstmSchema);
	const { inputs } = found.weights;
	const { history_s, interval_s } = adaptationDefaults;
	const most = history_s / interval_s;
	if (inputs > most)
		throw new InputError({
			file,
			field: "weights.inputs",
			rule: `must be at most ${most}: the adaptation loop keeps ${history_s} s of load, ${interval_s} s a value`,
			value: inputs,
		});
	checkShapes(file, found.weights);
	return found;
}

function checkShapes(file: string, { units, kernel, recurrent, bias, dense }: LstmWeights): void {
	const lengths: readonly (readonly [string, number, number])[] = [
		["kernel.0", (kernel[0] as readonly number[]).length, 4 * units],
		["recurrent", recurrent.length, units],
		...recurrent.map((own, u) => [`recurrent.${u}`, own.length, 4 * units] as const),
		["bias", bias.length, 4 * units],
		["dense", dense.length, units],
	];
	for (const [field, value, expected] of lengths)
		if (value !== expected)
			throw new InputError({ file, field: `weights.${field}`, rule: `must have ${expected} entries`, value });
}

const stageSource = z.strictObject({
	name: z.string(),
	file: z.enum(["ipa-video-profiles.csv", "ipa-other-pipelines-profiles.csv"]),
	rows: z.string(),
	statistic: z.enum(["latency_p99_s", "latency_avg_s"]),
	accuracy: z.string(),
	table: z.string(),
	variants: z.array(
		z.strictObject({
			name: z.string(),
			entity: z.string().optional(),
			printed_as: z.string().optional(),
			gflops: z.number().positive().optional(),
		}),
	),
	bodies: z.record(z.string(), z.number().positive()).default({}),
	borrowed: z
		.strictObject({
			from: z.string(),
			slopes: z.array(z.enum(["size", "batch", "cores", "both"])),
			because: z.string().min(10),
		})
		.optional(),
});

const sourcesSchema = z.strictObject({
	pipelines: z.array(
		z.strictObject({
			name: z.string(),
			stages: z.array(z.string()),
			weights: z.string(),
			sla_divisor: z.number().positive(),
		}),
	),
	stages: z.array(stageSource),
});

/** Where each stage and pipeline of IPA's is published: data/ipa-stages.yaml, which says what each field is. */
export type IpaSources = z.infer<typeof sourcesSchema>;
export type StageSource = z.infer<typeof stageSource>;
/** Slopes over the batch and the cores; `size`: over what the variants' sizes are told by. */
export type SlopeName = NonNullable<StageSource["borrowed"]>["slopes"][number];

/** Reads data/ipa-stages.yaml. Throws InputError naming the field. */
export async function readIpaSources(dataRoot: string): Promise<IpaSources> {
	return readChecked(join(dataRoot, "ipa-stages.yaml"), sourcesSchema);
}
