import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.js";
import { deviceClasses } from "../evaluation/evidence.js";
import { type InstrumentRow, instruments } from "../evaluation/instruments.js";
import { schemaFault } from "./field.js";
import { readBytes, readYaml } from "./file.js";
import { packageRoot } from "./root.js";

const count = z.int().min(0);

const schema = z.object({
	seed: z.int(),
	draws: z.int().min(1),
	commit: z.string(),
	rows: z.array(
		z.object({
			device: z.enum(deviceClasses),
			instrument: z.enum(instruments),
			noise: z.number(),
			told: z.number(),
			draws: count,
			scored: count,
			right: count,
			labels: z.object({ "stands-in": count, derivable: count, independent: count, undetermined: count }),
			intervals: count,
			covering: count,
		}),
	),
});

/** A kept run of the instruments. */
export interface KeptInstruments {
	readonly seed: number;
	readonly draws: number;
	/** The commit that it was run at. */
	readonly commit: string;
	readonly rows: readonly InstrumentRow[];
}

/** Reads the table that `make instruments` keeps (data/derived/instruments.json). */
export async function readInstruments(file: string): Promise<KeptInstruments> {
	const result = schema.safeParse(await readYaml(file));
	if (!result.success) throw schemaFault(file, result.error);
	return result.data;
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
 * @example (await readReplays("map"))[0]?.results[0]?.cells_needed_95.median;
 */
export async function readReplays(name: string): Promise<readonly ReplayRow[]> {
	const kept = /^[a-z0-9-]+$/.test(name);
	const file = kept ? join(packageRoot, "data/derived/calibration", `${name}.jsonl`) : name;
	const lines = (await readBytes(file)).toString("utf8").trim().split("\n");
	return lines.map((text, i) => {
		const fault = (rule: string, field?: string) =>
			new InputError({ file, line: i + 1, rule, ...(field === undefined ? {} : { field }) });
		let content: unknown;
		try {
			content = JSON.parse(text);
		} catch {
			throw fault("must be JSON");
		}
		const result = replaySchema.safeParse(content);
		if (result.success) return result.data;
		const [issue] = result.error.issues;
		throw fault(issue?.message ?? "must match the schema", issue?.path.join("."));
	});
}
