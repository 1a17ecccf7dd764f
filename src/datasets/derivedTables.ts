import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.js";
import { deviceClasses } from "../evaluation/evidence.js";
import { schemaFault } from "./field.js";
import { readBytes, readYaml } from "./file.js";
import { packageRoot } from "./root.js";

/**
 * Made-up energies on a measured grid, of which the right label is known. Coupled with throughput, core-seconds or
 * latency: power constant, in proportion to the allocation, or to throughput x latency. `derivable`: log P = 0.5 log
 * allocation + 0.1 log batch + N(0, 1) for each setting of another knob (parallelism is none). `independent`: the
 * measured energies permuted within populations. `mixed`: coupled with throughput, but permuted for two networks in five.
 */
export const instruments = ["throughput", "core_seconds", "latency", "derivable", "independent", "mixed"] as const;

const count = z.int().min(0);

/** Labels of one instrument over the draws; noise on its energies as a share of them, and what the study is told of it. */
const instrumentRow = z.object({
	device: z.enum(deviceClasses),
	instrument: z.enum(instruments),
	noise: z.number(),
	told: z.number(),
	draws: count,
	/** Labels of knobs with enough variants whose noise-free share is not near the bound (half to twice). */
	scored: count,
	/** Of the scored labels, how many are the one that noise-free energies have, and how many of each there are. */
	right: count,
	labels: z.object({ "stands-in": count, derivable: count, independent: count, undetermined: count }),
	/** Intervals of misranked shares of all metrics and knobs with enough variants, and those that hold the noise-free one. */
	intervals: count,
	covering: count,
});

export type InstrumentRow = z.infer<typeof instrumentRow>;

/** A kept run of the instruments, with the commit that it was run at. */
const schema = z.object({ seed: z.int(), draws: z.int().min(1), commit: z.string(), rows: z.array(instrumentRow) });

export type KeptInstruments = z.infer<typeof schema>;

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
