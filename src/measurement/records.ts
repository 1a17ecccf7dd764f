import { z } from "zod";
import { sumCeiling_w } from "../energy/plausible.js";
import { planSchema } from "./plan.js";

const perhaps = <T extends z.ZodType>(value: T) =>
	z.discriminatedUnion("status", [
		z.object({ status: z.literal("available"), value }),
		z.object({ status: z.literal("unavailable"), reason: z.string() }),
	]);

/** Energy of one counter or sensor over a window. */
const domainSchema = z.object({
	domain: z.string(),
	covers: z.string(),
	energy_j: z.number(),
	resolution_j: z.number(),
	wraps: z.int(),
	inTotal: z.boolean(),
});

/** What a probe said of one window: joules by its stated rule, or why there are none. */
const reading = z
	.object({
		status: z.literal("reading"),
		probe: z.string(),
		energy_j: z.number().positive(),
		duration_s: z.number().positive(),
		/** What the energy covers: package, dram, board, node. */
		covers: z.array(z.string()),
		kind: z.enum(["measured", "modelled"]),
		/** How the probe came to its energy, for whoever doubts it. */
		totalRule: z.string().optional(),
		samples: z.int().optional(),
		resolution_j: z.number().optional(),
		wraps: z.int().optional(),
		domains: z.array(domainSchema).optional(),
		caveats: z.array(z.string()).optional(),
		/** Means over the window of what else the source saw: temperature_c, sm_clock_mhz. */
		observed: z.record(z.string(), z.number()).optional(),
		/** What makes the window suspect, by the source's own words. */
		flags: z.array(z.object({ name: z.string(), meaning: z.string() })).optional(),
	})
	.refine(({ energy_j, duration_s }) => energy_j <= sumCeiling_w * (duration_s + 1), {
		path: ["energy_j"],
		error: `must be at most ${sumCeiling_w} W over duration_s`,
	});

const meterReadingSchema = z.discriminatedUnion("status", [
	reading,
	z.object({ status: z.literal("refused"), probe: z.string(), reason: z.string(), cause: z.string().optional() }),
]);

/** One window of batches, one after another. Latency, CPU time and energy are of the same window. */
const windowSchema = z.object({
	/** Wall clock at its start, ISO 8601. */
	started_at: z.string(),
	elapsed_s: z.number().positive(),
	batches: z.int().min(1),
	latency_mean_s: z.number().positive(),
	latency_p50_s: z.number().positive(),
	latency_p99_s: z.number().positive(),
	latency_max_s: z.number().positive(),
	/** CPU time, user and system, of the process that did the work. */
	cpu_s: perhaps(z.number().min(0)),
	/** Sums over the window of other numbers that the work reported of its batches. */
	counted: z.record(z.string(), z.number()).optional(),
	readings: z.array(meterReadingSchema),
});

const header = z.object({
	type: z.literal("header"),
	version: z.literal(1),
	plan_hash: z.string(),
	plan: planSchema,
	seed: z.int(),
	shard: z.object({ index: z.int(), count: z.int() }),
});

const session = z.object({
	type: z.literal("session"),
	started_at: z.string(),
	hardware: z.string(),
	environment: z.record(z.string(), perhaps(z.string())),
	/** Probes that watch this session, in order of preference, and why others do not. */
	probes: z.array(z.string()),
	probes_unavailable: z.array(z.object({ probe: z.string(), reason: z.string() })),
});

const repetition = z.object({
	type: z.literal("repetition"),
	cell: z.string(),
	repetition: z.int().min(0),
	block: z.int().min(0),
	session: z.int().min(0),
	warm_up: z.object({ batches: z.int(), stable: z.boolean() }),
	window: windowSchema,
});

/** A visit that came to nothing, in a plan that goes on without it. */
const failed = z.object({
	type: z.literal("failed"),
	cell: z.string(),
	block: z.int().min(0),
	session: z.int().min(0),
	reason: z.string(),
});

const control = z.object({
	type: z.literal("control"),
	block: z.int().min(0),
	position: z.int().min(0),
	session: z.int().min(0),
	window: windowSchema,
});

const idle = z.object({
	type: z.literal("idle"),
	block: z.int().min(0),
	when: z.enum(["before", "after"]),
	session: z.int().min(0),
	started_at: z.string(),
	readings: z.array(meterReadingSchema),
});

/** A whole line of a journal. */
export const recordSchema = z.discriminatedUnion("type", [header, session, repetition, failed, control, idle]);

export type JournalRecord = z.infer<typeof recordSchema>;
export type Header = z.infer<typeof header>;
export type Session = z.infer<typeof session>;
export type Repetition = z.infer<typeof repetition>;
export type Control = z.infer<typeof control>;
export type Idle = z.infer<typeof idle>;
export type MeasuredWindow = z.infer<typeof windowSchema>;
export type MeterReading = z.infer<typeof meterReadingSchema>;
/**
 * What a reading's total counts, in words that are equal where it is the same: the names of its domains. A model's shares
 * of containers come and go with them, and journals of an earlier version have no names: there it is what they cover.
 */
export function domainsOf({ domains, covers, kind }: Extract<MeterReading, { status: "reading" }>): string {
	const counted = kind === "measured" ? (domains ?? []).filter(({ inTotal }) => inTotal) : [];
	const names = counted.length === 0 ? covers : counted.map(({ domain }) => domain);
	return [...names].sort().join(", ");
}

/** The sessions of journals: a run, or what went on of one. */
export function sessionsOf(journals: readonly (readonly JournalRecord[])[]): Session[] {
	return journals.flat().filter((record): record is Session => record.type === "session");
}

/**
 * Energy of a batch, J, by a window's first probe; undefined where it has no number. A source that samples or is scraped
 * sees a little less or more than the window, so its mean power is taken to hold for all of it.
 */
export function batchEnergy({ readings: [reading], elapsed_s, batches }: MeasuredWindow): number | undefined {
	return reading?.status === "reading" ? (meanPower(reading) * elapsed_s) / batches : undefined;
}

/** Mean power over what a probe saw, W. */
export function meanPower({ energy_j, duration_s }: Extract<MeterReading, { status: "reading" }>): number {
	return energy_j / duration_s;
}
