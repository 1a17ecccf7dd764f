import { z } from "zod";
import { adaptationDefaults } from "../adaptation/compareSystems.js";
import { InputError } from "../errors.js";
import type { LstmWeights } from "../forecast/lstm.js";
import { readCsv } from "./csv.js";
import { numberField, schemaFault, textField } from "./field.js";
import { readJson } from "./file.js";

/** Trained weights lie within a few units of 0; far larger ones make forecasts that are no number. */
const weight = z.number().min(-1e6).max(1e6);
const row = z.array(weight);
const schema = z.strictObject({
	model: z.literal("lstm"),
	weights: z.strictObject({
		units: z.int().positive(),
		kernel: z.array(row).length(1),
		recurrent: z.array(row),
		bias: row,
		dense: row,
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
export type LstmFile = z.infer<typeof schema>;

/**
 * Reads weights that `sustainable-ipa train` wrote.
 *
 * @throws InputError with the field that is missing, malformed or of the wrong length
 */
export async function readLstm(file: string): Promise<LstmFile> {
	const json = await readJson(file);
	const result = schema.safeParse(json);
	if (!result.success) throw schemaFault(file, result.error, json);
	const { inputs } = result.data.weights;
	const most = adaptationDefaults.history_s / adaptationDefaults.interval_s;
	if (inputs > most)
		throw new InputError({
			file,
			field: "weights.inputs",
			rule: `must be at most ${most}: the adaptation loop keeps ${adaptationDefaults.history_s} s of load, ${adaptationDefaults.interval_s} s a value`,
			value: inputs,
		});
	checkShapes(file, result.data.weights);
	return result.data;
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

/** A predictor's error as IPA's paper states it. */
export interface PublishedSmape {
	readonly predictor: string;
	readonly smape_pct: number;
	/** What the paper says, or does not say, of the loads that it was computed over. */
	readonly stated_over: string;
	/** Repository, commit, page and section. */
	readonly source: string;
}

/** Reads data/raw/ipa-paper/ipa-predictor-smape.csv. Throws InputError with the line of a bad row. */
export async function readPublishedSmape(file: string): Promise<PublishedSmape[]> {
	const { rows } = await readCsv(file);
	return rows.map((row) => ({
		predictor: textField(row, "predictor"),
		smape_pct: numberField(row, "smape_pct", "not negative"),
		stated_over: textField(row, "stated_over"),
		source: textField(row, "source"),
	}));
}
